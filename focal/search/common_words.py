"""Words too common to ask for: articles, pronouns, prepositions, question words.

They are found and marked like others, but a record need not have them. The lists are short and
our own; words of four languages that share letters are told apart by nobody here.
"""

from focal.search.folding import fold_words

LISTS = """
a an the of in on at to for from by with and or not is are was were be been it its this that these
those as who what when where which how why do does did has have had can could will would should may
there their they he she we you i our your his her about into than then if so no but any all some
në e i të së dhe ose nga me për si kush çfarë ku kur pse cili cila a është janë ishte ka kanë nuk një
që se po do te tek mbi nën pa prej ndaj rreth ky kjo këta këto ai ajo ata ne ju
i u na s sa o od do za iz k ka po pri ili a ali da ne je su bi bio bila bilo biti se što šta koji
koja koje ko tko kako gdje gde kada zašto ovo to taj ta te nije smo ste li kod nad pod uz bez kao
и у на с са о од до за из к ка по или а али да не је су се што шта који која које ко како где када
зашто ово то тај та те није ли во со ќе дали кои кој каде кога зошто овој оваа ова ги го му им ја
в с от при без над под към по че ще си са е сме сте кой какво къде защо този тази това тези го ги
και ή να με σε για από στο στη στην στον στα στις στους του της των το τα τη την τον τους τις ο η οι
που πώς πως ποιος ποια ποιο τι πού πότε γιατί δεν θα είναι ήταν έχει έχουν ένα μια ένας ως
și sau de la în pe cu din pentru ca că nu este sunt era fi a al ale ai cel cea cei cele un o unei
unui care ce cine cum unde când dece prin după spre fără între mai
in ali da ne je so bi bil bila se ki kaj kdo kako kje kdaj zakaj za na v s z o od do iz pri po pod nad
brez med kot ta to ti te
ve veya ile için bir bu şu o da de ki mi mı mu mü ne kim nasıl nerede neden hangi olan olarak gibi
daha çok en değil var yok
"""
COMMON = frozenset(fold_words(LISTS))


def is_common(word: str) -> bool:
    """Whether a folded word is one that a record need not have."""
    return word in COMMON
