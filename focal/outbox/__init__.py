"""What has changed and still has to be told to whatever is derived from it.

An entry is written in the transaction of the change itself, one row for each
consumer (word index, meaning index, imports ...). A consumer that dies in the middle
finds the entry again: delivery is at least once, so every consumer's handling
can be repeated without harm. Jobs are entries too: there is no second queue.
"""
