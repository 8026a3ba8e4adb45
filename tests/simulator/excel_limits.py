"""What Excel refuses in a workbook, read off its parts; nothing here knows what the workbook is about.

Source: "Excel specifications and limits", "Rename a worksheet", "Names in formulas" and "Apply data validation to
cells" of Microsoft's support pages, and section 2.2 of XML 1.0.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LONGEST_FORMULA, MOST_ARGUMENTS, DEEPEST, LONGEST_LITERAL = 8_192, 255, 64, 255
LONGEST_TEXT, MOST_LINE_FEEDS = 32_767, 253
MOST_LINKS, LONGEST_LINK = 65_530, 2_079
MOST_ROWS, LAST_COLUMN, HIGHEST_ROW, WIDEST_COLUMN = 1_048_576, (3, "XFD"), 409, 255
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_RULE, LONGEST_FOOTER, LONGEST_NUMBER_FORMAT = 32, 255, 255, 255, 255
MOST_FORMATS, MOST_NUMBER_FORMATS, MOST_SERIES = 65_490, 250, 255
# Functions of Excel 2007, which a file names as they are, and younger ones, which it names by a prefix.
KNOWN = re.compile(
    "ABS|AND|AVERAGE|COUNTIF|EXP|GAMMALN|IF|IFERROR|INDEX|INT|ISNUMBER|LN|LOOKUP|MATCH|MAX|MIN|MOD|NA|OR|ROUND|SUM|SUMIF"
    r"|SUMPRODUCT|TANH|_xlfn\.(CEILING\.MATH|FLOOR\.MATH|NORM\.S\.DIST|NORM\.S\.INV)"
)
NAME = re.compile(r"(?:_xlnm\.)?[^\W\d][\w.?]*|\\[\w.?]*")
LIKE_A_CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*|R\d*|C\d*|TRUE|FALSE", re.IGNORECASE)
TOKEN = re.compile(r"""([A-Za-z_][\w.]*)\(|"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]""")
CELLS = re.compile(r"<sheetData>.*</sheetData>", re.DOTALL)
CELL, FORMULA = re.compile(r'<c r="([A-Z]+)(\d+)"'), re.compile(r"<f>([^<]*)</f>")
HEIGHT = re.compile(r'<row [^>]*\bht="([^"]*)"')
NUMBER = re.compile(r'<c r="[A-Z]+\d+"(?: s="\d+")?>(?:<f>[^<]*</f>)?<v>([^<]+)</v>')
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]\d+)?", re.IGNORECASE)
# What stands for a row in a formula, so that those of all rows and months are looked at once.
PLACE = re.compile(r"\b[A-Z]{1,3}(\$?)\d+\b")
ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def faults(file: Path) -> list[str]:
    """Return everything in a workbook that Excel would refuse, or mend in a way that loses something."""
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    found = [f"{name} holds characters that XML has not" for name, text in texts.items() if ILLEGAL.search(text)]
    if found:
        return found
    book = ElementTree.fromstring(texts["xl/workbook.xml"])
    titles = [sheet.get("name", "") for sheet in book.iter(f"{MAIN}sheet")]
    names = [name for name in book.iter(f"{MAIN}definedName") if name.get("localSheetId") is None]
    charts = [ElementTree.fromstring(text) for name, text in texts.items() if name.startswith("xl/charts/chart")]
    sheets = [(title, texts[f"xl/worksheets/sheet{place}.xml"]) for place, title in enumerate(titles, 1)]
    return [
        *_titles(titles),
        *_names([name.get("name", "") for name in names]),
        *(fault for name in names for fault in _reference(name.get("name", ""), name.text or "", titles)),
        *_strings(ElementTree.fromstring(texts["xl/sharedStrings.xml"])),
        *_styles(ElementTree.fromstring(texts["xl/styles.xml"])),
        *(f"{title}: {fault}" for title, text in sheets for fault in _sheet(text, titles)),
        *(fault for chart in charts for fault in _chart(chart, titles)),
    ]


def _titles(titles: list[str]) -> Iterator[str]:
    twice = [title for title, count in Counter(title.lower() for title in titles).items() if count > 1]
    yield from (f"two sheets are called {title}" for title in twice)
    for title in titles:
        if not 0 < len(title) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", title) or title.lower() == "history":
            yield f"no sheet may be called {title}"


def _names(names: list[str]) -> Iterator[str]:
    twice = [name for name, count in Counter(name.lower() for name in names).items() if count > 1]
    yield from (f"two cells are called {name}" for name in twice)
    for name in names:
        if len(name) > 255 or not NAME.fullmatch(name) or LIKE_A_CELL.fullmatch(name):
            yield f"no cell may be called {name}"


def _reference(name: str, text: str, titles: list[str]) -> Iterator[str]:
    page = text.rpartition("!")[0].strip("'").replace("''", "'")
    if page not in titles:
        yield f"{name} leads to {text}"


def _strings(strings: ElementTree.Element) -> Iterator[str]:
    for item in strings:
        text = "".join(part.text or "" for part in item.iter(f"{MAIN}t"))
        if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            yield f"a text has more than {LONGEST_TEXT} characters: {text[:40]}"
        if text.count("\n") > MOST_LINE_FEEDS:
            yield f"a text has more than {MOST_LINE_FEEDS} line feeds: {text[:40]!r}"


def _styles(styles: ElementTree.Element) -> Iterator[str]:
    if len(list(styles.iter(f"{MAIN}xf"))) > MOST_FORMATS:
        yield "too many formats"
    formats = [one.get("formatCode", "") for one in styles.iter(f"{MAIN}numFmt")]
    if len(formats) > MOST_NUMBER_FORMATS or max(map(len, formats), default=0) > LONGEST_NUMBER_FORMAT:
        yield "too many formats of numbers, or too long ones"


def _sheet(text: str, titles: list[str]) -> Iterator[str]:
    yield from _cells(text)
    for formula in {PLACE.sub(r"A\g<1>1", one): one for one in FORMULA.findall(text)}.values():
        yield from formula_faults(unescape(formula), titles)
    sheet = ElementTree.fromstring(CELLS.sub("", text))
    links = list(sheet.iter(f"{MAIN}hyperlink"))
    if len(links) > MOST_LINKS or any(len(one.get("location", "")) > LONGEST_LINK for one in links):
        yield "too many links, or too long ones"
    for link in links:
        yield from _reference("a link", link.get("location", ""), titles)
    for rule in sheet.iter(f"{MAIN}dataValidation"):
        told = len(rule.get("errorTitle", "")) > LONGEST_TITLE or len(rule.get("error", "")) > LONGEST_MESSAGE
        if told or any(len(one.text or "") > LONGEST_RULE for one in rule):
            yield f"the rule of {rule.get('sqref')} is too long"
    if any(len(one.text or "") > LONGEST_FOOTER for one in sheet.iter(f"{MAIN}oddFooter")):
        yield "the footer is too long"
    if any(float(one.get("width", 0)) > WIDEST_COLUMN for one in sheet.iter(f"{MAIN}col")):
        yield "a column is too wide"


def _cells(text: str) -> Iterator[str]:
    """Yield rows too high, cells that do not follow each other or are out of reach, and numbers that are none."""
    if any(float(height) > HIGHEST_ROW for height in HEIGHT.findall(text)):
        yield "a row is too high"
    places = [(int(row), len(column), column) for column, row in CELL.findall(text)]
    if any(after <= before for before, after in pairwise(places)):
        yield "its cells do not follow each other"
    last = max(places, default=(0,))[0], max((width, column) for _, width, column in places or [(0, 0, "")])
    if last[0] > MOST_ROWS or last[1] > LAST_COLUMN:
        yield "it has too many rows or columns"
    # The writer leaves the last value of a formula that gives an empty text empty.
    yield from (f"{one} is no number" for one in set(NUMBER.findall(text)) if not PLAIN_NUMBER.fullmatch(one))


def formula_faults(text: str, titles: list[str]) -> Iterator[str]:
    """Yield what Excel would refuse in a formula of a workbook with sheets of these titles."""
    if len(text) > LONGEST_FORMULA:
        yield f"a formula has {len(text):,} characters: {text[:80]}"
    commas: list[int] = []
    for token in TOKEN.finditer(text):
        if token[0].startswith('"') and len(token[0]) - 2 > LONGEST_LITERAL:
            yield f"a text within a formula is too long: {token[0][:80]}"
        elif token[0].startswith("'") and token[0].strip("'") not in titles:
            yield f"a formula reads the sheet {token[0]}"
        elif token[0].endswith("("):
            commas.append(0)
            if token[1] and not KNOWN.fullmatch(token[1]):
                yield f"a formula calls {token[1]}"
        elif token[0] == ")":
            if commas.pop() >= MOST_ARGUMENTS:
                yield f"a function has more than {MOST_ARGUMENTS} arguments: {text[:80]}"
        elif token[0] == "," and commas:
            commas[-1] += 1
        if len(commas) > DEEPEST:
            yield f"functions are nested more than {DEEPEST} levels deep: {text[:80]}"
            return
    if commas:
        yield f"a bracket stays open: {text[:80]}"


def _chart(chart: ElementTree.Element, titles: list[str]) -> Iterator[str]:
    names = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    if len(list(chart.iter(f"{names}ser"))) > MOST_SERIES:
        yield "a chart has too many series"
    for reference in chart.iter(f"{names}f"):
        yield from _reference("a chart", reference.text or "", titles)
