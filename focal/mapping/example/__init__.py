"""Example data: what the mapping looks like when it is in use. All of it is made up.

Every record says so in its title, in the language it is written in, so that it says so wherever
it turns up: in lists, mails, exports, maps. It leaves whole by one command.
"""
