"""What kind of device a user agent comes from, as far as it says so. Which maker's and model it is, is no matter here.

Android's browsers leave `Mobile` out on tablets and televisions. A tablet or television that says `Mobile` all the same
is known by its name, or counts as a phone.
"""

from ingestion.load.enrichment.clues import Clues

_TELEVISION = Clues(
    # Systems, standards and players.
    r"smart[ -]?tv|smart-?hub|google ?tv|apple ?tv|\btvos\b|hbbtv|\bdtv\b|ce-html|\bnettv\b|netcast|web0?s(?:os)?\.?tv"
    r"|web0s\b|\btizen\b(?=.*\btv\b)|opera tv|\bomi/\d|hybridcast|youview|freesat|inettvbrowser|dlnadoc|netrange"
    r"|kreatv|espial|\bfvc/|set-?top|\b(?:ip)?stb\b|large screen|, ?wire(?:d|less)\)|bd-?player|bdp\b|blu-?ray"
    r"|galio\b|maple[ _]?\d|android ?tv|\bmitv|\bmibox|portaltv| tv(?= build|\)|;)|bravia\b|viera\b"
    r"|(?<!sharp )aquos|philips.?tv|hisense.?tv"
    r"|vidaa|vizio|\blge?[ _-]?tv|[;(] ?lge ?;|lg browser|\broku|crkey|chromecast|\baft[a-z0-9]+"
    r"|brightsign|\bstbapp\b|magentatv|\bgw-device\b|dreambox|enigma2|boxee|xbmc|kodi\b"
    # A size in inches begins the model: 43F750TS, LED32SB304.
    r"|[; _-](?:[a-z]{1,5}[_-])?(?:led)?(?:24|28|32|39|4[0238]|49|50|55|58|65|70|75|8[56])[a-z]{1,4}\d{2,4}[a-z]*[;) ]"
    # Consoles are looked at on one.
    r"|playstation [2-5]|(?<!; )\bxbox\b|; xbox[;_ ]|nintendo wii",
)
_CALLED_TELEVISION = Clues(
    r"\btv\b|[a-z0-9]tv[ /;)_-]|[ _-]tv|\biptv\b|\b(?:u?hd|4k|smart|q?led|oled|android|tele\w+|thl) ?box\b"
    r"|\bbox [0-9a-z]|[a-z]box[ _;-]|led[0-9]{2}|[0-9]led|\b\d\d\w{0,2}u?hd\b|media ?box|nexbox|ugoos|vontar"
    r"|\bshell [a-z0-9]|_shell_|\beled-"
    r"|skystream|zidoo|minix|\b(?:h96|x96|x88|t95|tx[3-9]|a95x|mxq|hk1|mecool|tanix)(?!\d)",
)
"""What televisions and the boxes beside them are called, unless they say that they are mobile."""
_NO_TELEVISION = Clues(r"mobi|maui|midp|\bwap|macintosh|windows|iphone|ipad")

_HANDHELD = Clues(r"playstation (?:vita|portable)|\bpsp\b|nintendo (?:3ds|ds|switch)")
_LAPTOP = Clues(r"chromebook|pixelbook")
_TABLET = Clues(
    r"\bipad|tablet(?! pc)|playbook|\bkindle\b|\bsilk/(?!.*mobile)|\bkf[a-z]{2,5}\b|\bsm-[tpx]\d|\bgt-(?:p\d|n[58]\d)"
    r"|nexus (?:7|9|10)\b|(?<!cool)pad(?:\b|[ _-]?\d|_)|(?:\b|_)tab(?:\b|_|\d)|[a-z]tab(?:\b|_|\d)|\btb-?[xq\d]\w{3}"
    r"|\b[a-z0-9]{2,5}-w\d\d\b|\bslate\b|iconia|xoom\b|transformer|\btf[1-7]0\d|\bme[1-6]7\d\w*|\bnook|\bbntv"
    r"|\bbnrv|\bkobo\b|pocketbook|\barchos ?(?:7|8|9|10)\d|\bvenue ?\d|\byt\d-|\bmid[-_ ]?\d|\blg-v[4-7]\d\d"
    r"|\bpixel c\b|\bebrd\d|\byt-x|\btb\d-|lenovo (?:tb-|[abs]\d{4}-[fh])|nokia t[12]\d\b|\bopd\d{4}"
    r"|\bpmt\d{4}|\bvisionbook|\biball slide|\bbq(?:ru)?-(?:[789]\d|10)\d\d|\b[cnt][st](?:[789]\d|10)\d\d[a-z]{2}\b"
    r"|windows nt 6\.[23]; arm;"
    # Huawei's, with a card for a telephone network or without.
    r"|\b(?:agrk?|ags|agm|kob|bgo|bg|btv|cpn|sht|jdn|bah|bz[tw]|scm|mrx|dby|vrd|mon|cmr)\d?-[a-z]{1,2}\d\d",
)
_PHONE = Clues(
    r"iphone|ipod|iemobile|lumia|windows phone|windows ce|windows mobile|\bdv\(iph|blackberry|\bbb10\b|symbian"
    r"|series ?[46]0|midp|cldc|\bwap|\bmaui\b|\bmmp/|up\.browser|\bup/\d|docomo|kddi|j-phone|softbank|vodafone/"
    r"|willcom|ddipocket|brew\b|jig browser|netfront/|palm ?os|palmsource|\bwebos/|hpwos|kaios|meego|maemo|bada|j2me"
    r"|opera mini/|opera mobi|ucweb|nokia|ericsson|\bsie-|\bmot-|\bsec-|\blg-|\bo2-|dalvik/|\bsm-[acefgjmns]\d"
    r"|\bphone\b|mobile|\bmobi\b|cellphone",
)
_DESKTOP = Clues(
    r"windows|\bwin(?:95|98|32|64|10|7|nt|9x)|macintosh|mac ?os|mac_powerpc|\bosx\b|macbook|\bimac|macmini"
    r"|\bmac\d+,\d|darwin.*(?:x86|i386)|x11|linux|\bcros\b|bsd\b|sunos|solaris|haiku|beos|amiga|os/2\b|risc os|irix"
    r"|hp-ux|\bdesktop\b",
)


def device_type(user_agent: str) -> str | None:
    """Return desktop, mobile, tablet or tv; None where it does not say."""
    if _TELEVISION.search(user_agent):
        return "tv"
    if _CALLED_TELEVISION.search(user_agent) and not _NO_TELEVISION.search(user_agent):
        return "tv"
    if _HANDHELD.search(user_agent):
        return "mobile"
    if _LAPTOP.search(user_agent):
        return "desktop"
    if _TABLET.search(user_agent):
        return "tablet"
    if _PHONE.search(user_agent):
        return "mobile"
    if "android" in user_agent.lower():
        return "tablet"
    return "desktop" if _DESKTOP.search(user_agent) else None
