"""The pages in a real Chromium: two sizes, two tongues, by keyboard, with script off, and what axe finds.

pages.py DEMONSTRATION SERVER SETUP FOLDER: the two addresses, the link for a server's first administrator, and where
pictures go when something fails.
"""
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as PlaywrightTimeout, sync_playwright

DEV, SERVE, SETUP, FOLDER = *sys.argv[1:4], Path(sys.argv[4])
SIZES = {"desk": (1366, 768), "phone": (360, 740)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
GRAVE = {"serious", "critical"}


class Visitor:
    """A browser of its own, for one person at one size; complains of whatever no page may do."""

    def __init__(self, browser, base, who="", size="desk", tongue="zh", script=True):
        width, height = SIZES[size]
        self.base, self.size, self.name = base, size, f"{who or 'nobody'} {size} {tongue}"
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN",
                                           java_script_enabled=script)
        cookies = [("tongue", tongue)] + ([("who", who)] if who else [])
        self.context.add_cookies([{"name": n, "value": v, "url": base} for n, v in cookies])
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("request", self.asked)
        self.page.on("console", lambda said: self.said(said))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def asked(self, request):
        to = urlsplit(request.url)
        if to.scheme in ("http", "https") and to.netloc != urlsplit(self.base).netloc:
            self.complaints.append(f"asks another host: {request.url}")

    def said(self, said):
        # Chromium says itself that a page was answered with 4xx.
        if said.type == "error" and "the server responded with a status of 4" not in said.text:
            self.complaints.append(f"console: {said.text}")

    def go(self, path):
        answer = self.page.goto(self.base + path, wait_until="load")
        return answer.status

    def text(self):
        return self.page.inner_text("main")

    def tab_to(self, selector, most=80):
        """Reaches something by the Tab key alone."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => !!document.activeElement && document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{self.name}: {selector} cannot be reached by Tab on {self.page.url}")

    def until(self, what, seconds=15):
        """Waits for something on the page; our policy forbids the evaluation that the driver's own waiting needs."""
        for _ in range(seconds * 5):
            if self.page.evaluate(what):
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{self.name}: not within {seconds} s: {what}\n{self.text()}")

    def fits(self, where):
        wide = self.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{where}: {wide} px too wide"

    def done(self, where=""):
        assert not self.complaints, f"{self.name} {where}: {self.complaints}"
        self.context.close()


def first_link(visitor, path, prefix):
    visitor.go(path)
    links = visitor.page.eval_on_selector_all("main a", "all => all.map(a => a.getAttribute('href'))")
    return next(link for link in links if link.startswith(prefix))


def case_of(visitor, workflow):
    """The page of a case of this workflow that the visitor may see."""
    items = visitor.context.request.get(f"{visitor.base}/v1/cases").json()["items"]
    return next(f"/case/{item['id']}" for item in items if item["workflow"] == workflow)


def at_work(browser, workflow, people):
    """Somebody with a task in a case of this workflow, and its page, which has a form for it."""
    for who in people:
        visitor = Visitor(browser, DEV, who)
        tasks = visitor.context.request.get(f"{DEV}/v1/inbox").json()["items"]
        found = [f"/case/{task['id']}" for task in tasks if task["workflow"] == workflow]
        if found:
            visitor.go(found[0])
            assert visitor.page.locator("main form input[name=_action]").count(), f"{who}: {visitor.text()}"
        visitor.done(workflow)
        if found:
            return who, found[0]
    raise AssertionError(f"nobody of {people} works on a {workflow}")


def an_order(browser):
    """An order that the desk has to sort; the code with which it is tracked."""
    clerk = Visitor(browser, DEV, "secretary-jinchen")
    fields = {"reporter": "resident-1", "place": "dormitory", "category": "lamp", "summary": "路灯不亮"}
    body = {"workflow": "resident-order", "fields": fields}
    made = clerk.context.request.post(f"{DEV}/v1/cases", data=body, headers={"Idempotency-Key": '"pages-order"'})
    assert made.status == 201, made.text()
    code = made.json()["code"]
    clerk.done("an order")
    return code


def log_in(visitor, path):
    """The administrator of the server, then the page."""
    visitor.go("/login")
    visitor.page.fill("[name=name]", "lin")
    visitor.page.fill("[name=password]", "correct-horse-battery")
    visitor.page.click("main form button")
    assert visitor.go(path) == 200, visitor.text()


def track(visitor, code):
    visitor.go("/track")
    visitor.page.fill("[name=code]", code)
    visitor.page.click("main form button")
    assert "JINCHEN-" in visitor.text(), visitor.text()


def look_open(visitor, where):
    """What is folded away counts too."""
    visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    look(visitor, where)


def every_page(browser):
    """Each page at both sizes in both tongues: axe finds nothing serious, nothing scrolls sideways."""
    scout = Visitor(browser, DEV, "secretary-jinchen")
    lift = case_of(scout, "elevator-installation")
    wish = first_link(scout, "/lists", "/item/")
    scout.done()
    code = an_order(browser)
    whistle = at_work(browser, "whistle-report", ["secretary-jinchen", "dispatcher", "liaison-housing", "liaison-fire"])
    order = at_work(browser, "resident-order", ["secretary-jinchen"])
    paths = ["/", "/new/resident-order", "/new/elevator-installation", lift, wish, f"{lift}/history",
             f"{lift}/history?seq=2", f"{wish}/history?seq=1", "/wall", "/wall?screen=1", "/anchors",
             "/lists", "/seasons", "/new/wish-season", "/track", "/sink", "/publish", "/dispatch", "/away", "/story", "/nothing-here"]
    pages = [("secretary-jinchen", path) for path in paths]
    pages += [whistle, order, ("resident-2", f"{lift}/receipt/voting_ballot"), ("auditor", f"{lift}/access")]
    setup = urlsplit(SETUP)
    count = 0
    for size in SIZES:
        for tongue in ("zh", "en"):
            dev = {who: Visitor(browser, DEV, who, size, tongue) for who in sorted({who for who, _ in pages})}
            nobody, lin = (Visitor(browser, SERVE, "", size, tongue) for _ in range(2))
            first = Visitor(browser, f"{setup.scheme}://{setup.netloc}", "", size, tongue)
            asked = [(dev[who], path) for who, path in pages] + [(nobody, path) for path in ("/", "/login", "/track")]
            for who, path in asked + [(first, f"{setup.path}?{setup.query}")]:
                status = who.go(path)
                assert status == (404 if path == "/nothing-here" else 200), f"{who.name}: {path}: {status}"
                look_open(who, f"{path} {size} {tongue}")
                count += 1
            tracker = Visitor(browser, DEV, "", size, tongue)
            track(tracker, code)
            look_open(tracker, f"tracked {size} {tongue}")
            log_in(lin, "/admin")
            look_open(lin, f"/admin {size} {tongue}")
            count += 2
            for visitor in [*dev.values(), nobody, tracker, lin, first]:
                visitor.done()
    print(f"{count} pages looked at by axe: nothing serious, none too wide")


def look(visitor, where):
    found = Axe().run(visitor.page).response["violations"]
    grave = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found if v["impact"] in GRAVE]
    assert not grave, f"{where}: {grave}"
    visitor.fits(where)


def big_screen(browser):
    """The wall on a big screen goes up by itself, card after card, and is as wide as the screen."""
    for size, (width, height) in SIZES.items():
        visitor = Visitor(browser, DEV, "", size)
        visitor.go("/wall?screen=1")
        moved = "getComputedStyle(document.querySelector('.wall')).transform"
        still = "matrix(1, 0, 0, 1, 0, 0)"
        visitor.page.set_viewport_size({"width": width, "height": 9_000})
        assert visitor.page.evaluate(moved) in ("none", still), f"{size}: what fits on the screen stays"
        visitor.page.set_viewport_size({"width": width, "height": 200})
        visitor.until(f"new DOMMatrix({moved}).m42 < 0")
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.fits(f"/wall?screen=1 {size}")
        visitor.done("big screen")
    print("big screen: the wall moves, and fits")


def by_keyboard(browser):
    """A dispatcher takes a call, sorts the order and names an agent without touching a mouse."""
    visitor = Visitor(browser, DEV, "secretary-jinchen")
    page, press = visitor.page, visitor.page.keyboard.press
    visitor.go("/new/resident-order")
    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first stop leads past the header"
    press("Enter")
    visitor.tab_to("select[name=place]")
    page.keyboard.type("冷冻厂")
    visitor.tab_to("[name=category]")
    page.keyboard.type("drain")
    visitor.tab_to("[name=summary]")
    page.keyboard.type("Water stands in the yard 院里积水")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none", "one sees where one is"
    visitor.tab_to("main form button")
    press("Enter")
    page.wait_for_selector(".receipt")
    number = page.inner_text(".receipt").strip()
    assert number.startswith("JINCHEN-") and "承诺日期" in visitor.text(), visitor.text()
    visitor.tab_to("main a[href^='/case/']")
    press("Enter")
    page.wait_for_selector(".timeline")
    visitor.tab_to("select[name=order_type]")
    press("ArrowDown")
    press("ArrowDown")
    assert page.eval_on_selector("select[name=order_type]", "select => select.value") == "repair"
    triage = "main form:has(input[value=triage]) button"
    visitor.tab_to(triage)
    press("Enter")
    page.wait_for_selector("main form:has(input[value=dispatch])")
    visitor.go(f"/dispatch?order={number}")
    assert "同一社区" in visitor.text(), visitor.text()
    first = page.inner_text("button[data-number='1']")
    # A key pressed right after the page came names nobody, and the page comes anew when something happens in the town:
    # whoever sees that nothing was done presses again. The form is sent once, however often.
    for _ in range(10):
        page.wait_for_timeout(800)
        press("1")
        try:
            page.wait_for_url("**/dispatch", timeout=6000)
            break
        except PlaywrightTimeout:
            continue
    assert page.url.endswith("/dispatch"), f"{page.url}: {visitor.text()}"
    assert number not in visitor.text(), "the order has left the desk"
    visitor.done("by keyboard")
    print(f"by keyboard: {number} opened, sorted, given to {first}")


def without_script(browser):
    """A resident without an account orders, tracks and acts on a phone whose browser runs no script."""
    visitor = Visitor(browser, SERVE, "", "phone", script=False)
    page = visitor.page
    visitor.go("/new/resident-order")
    page.select_option("select[name=place]", "gate-3")
    page.fill("[name=category]", "drain")
    page.fill("[name=summary]", "三号门口积水")
    page.click("main form button")
    number, code = page.inner_text(".receipt").strip(), page.inner_text("main code").strip()
    assert re.fullmatch(r"HAILING-\d{8}-\d{4}-[\dX]", number) and len(code) == 32, (number, code)
    visitor.go("/track")
    page.fill("[name=code]", code)
    page.click("main form button")
    assert number in page.inner_text("body") and "承诺日期" in visitor.text(), visitor.text()
    visitor.fits("/track")
    page.fill("form:has(input[value=withdraw]) textarea", "已经好了")
    page.click("form:has(input[value=withdraw]) button")
    assert "撤回" in page.inner_text("dl"), visitor.text()
    visitor.done("without script")
    print(f"without script: {number} opened, tracked, withdrawn")


def lift(browser):
    """The building floor by floor, both meters, and a ballot cast on a phone by keyboard."""
    visitor = Visitor(browser, DEV, "secretary-jinchen")
    visitor.go(case_of(visitor, "elevator-installation"))
    floors = visitor.page.locator(".building tr").count()
    meters = visitor.page.locator(".meters progress").count()
    assert floors >= 4 and meters >= 4, (floors, meters)
    visitor.done("lift")
    owner = Visitor(browser, DEV, "resident-2", "phone")
    page, press = owner.page, owner.page.keyboard.press
    owner.go(case_of(owner, "elevator-installation"))
    assert "您（202）：未投" in owner.text(), owner.text()
    cast = "main form:has(input[value=cast])"
    owner.tab_to(f"{cast} input[name=choice]")
    press("Space")
    owner.tab_to(f"{cast} button")
    press("Enter")
    page.wait_for_url("**?done=cast")
    assert "您（202）：同意" in owner.text(), owner.text()
    look(owner, "after a ballot")
    owner.done("ballot")
    print(f"lift: {floors} rows of floors, {meters} meters; a ballot by keyboard on a phone")


def comes_back(browser):
    """A form that is not taken comes back on a phone, with what was typed, and is mended there."""
    visitor = Visitor(browser, DEV, "secretary-jinchen", "phone")
    page = visitor.page
    visitor.go("/new/elevator-installation")
    page.select_option("select[name=place]", "dormitory")
    page.fill("[name=topic]", "三号楼加装电梯")
    page.click("main form button")
    page.click("main a[href^='/case/']")
    page.click("form:has(input[value=accept]) button")
    form = "form:has(input[value=eligible])"
    page.fill(f"{form} [name=floors]", "6")
    page.fill(f"{form} [name=answer]", "六层，无电梯")
    page.click(f"{form} button")
    said = page.inner_text(".refusal")
    assert "没有办成" in said and "产权资料" in said and "R1003" in said, said
    look(visitor, "a form that came back")
    assert page.input_value(f"{form} [name=floors]") == "6" and page.input_value(f"{form} [name=answer]") == "六层，无电梯"
    page.set_input_files(f"{form} [name=title]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    page.click(f"{form} button")
    assert "现场踏勘" in visitor.text() and not page.query_selector(".refusal"), visitor.text()
    visitor.done("comes back")
    print("a form comes back:", said.splitlines()[1])


def two_tabs(browser):
    """A wish is claimed by keyboard; the second tab hears in clear words that it is gone."""
    visitor = Visitor(browser, DEV, "volunteer-2", "phone")
    page = visitor.page
    visitor.go("/wall")
    lamp = page.locator(".card", has_text="台灯")
    lamp.locator("a.button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("form:has(input[value=claim])")
    # With a script the other tab would see by itself that the wish is gone.
    still = Visitor(browser, DEV, "volunteer-2", "phone", script=False)
    other = still.page
    other.goto(page.url)
    visitor.tab_to("main form:has(input[value=claim]) button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=我")
    other.click("form:has(input[value=claim]) button")
    other.wait_for_selector("h1")
    said = other.inner_text("main")
    assert "R1031" in said or "R1019" in said or "R1002" in said, said
    visitor.done("two tabs")
    still.done("two tabs")
    print("a wish is claimed by keyboard; the other tab hears:", " ".join(said.splitlines()[:3]))


HOSTILE = [
    "<script>hit()</script>", "<img src=x onerror=hit()>", "\"><svg onload=hit()>", "'><iframe src=javascript:hit()>",
    "javascript:hit()", "</title><script>hit()</script>", "</textarea><script>hit()</script>", "<a href=javascript:hit()>x</a>",
    "\" autofocus onfocus=hit() x=\"", "' onmouseover=hit() '", "<style>@import '//x.invalid'</style>", "<base href=//x.invalid/>",
    "<meta http-equiv=refresh content='0;url=//x.invalid'>", "<form action=//x.invalid><button>x", "<math><mtext></form><img src=x>",
    "<!--><script>hit()</script>-->", "<details open ontoggle=hit()>", "<object data=javascript:hit()>", "{{7*7}}${7*7}<%= 7*7 %>",
    "<scr<script>ipt>hit()</script>", "%3Cscript%3Ehit()%3C/script%3E", "&lt;script&gt;hit()&lt;/script&gt;", "<ScRiPt src=//x.invalid>",
    "\u202e<img src=x onerror=hit()>\u2066", "<img src=x\tonerror\n=hit()>", "]]><script>hit()</script>", "<table background=javascript:hit()>",
]


def hostile_words(browser):
    """What people write is shown as they wrote it, on every page that shows it, and nothing of it runs."""
    clerk = Visitor(browser, DEV, "dispatcher-jinchen")
    hits = []
    clerk.page.expose_function("hit", lambda: hits.append(clerk.page.url))
    post = lambda path, body, n: clerk.context.request.post(DEV + path, data=body, headers={"Idempotency-Key": f'"hostile-{n}"'})
    orders, words = [], 0
    for n, payload in enumerate(HOSTILE):
        fields = {"reporter": "resident-1", "place": "dormitory", "category": payload, "summary": payload}
        made = post("/v1/cases", {"workflow": "resident-order", "fields": fields}, n)
        assert made.status == 201, f"{payload}: {made.text()}"
        orders.append((made.json()["number"], payload))
        wish = {"wisher": "resident-1", "place": "dormitory", "alias": payload[:20], "wish": payload, "category": "school"}
        made = post("/v1/cases", {"workflow": "wish-fulfilment", "fields": wish}, f"wish-{n}")
        assert made.status == 201, f"{payload}: {made.text()}"
        orders.append((made.json()["number"], payload))
    lists = ["/", "/dispatch", "/wall", "/lists", "/story", "/sink"]
    for path, payload in [(f"/case/{number}", said) for number, said in orders] + [(path, None) for path in lists]:
        assert clerk.go(path) == 200, path
        # As they were written, but for what the browser itself makes of white space.
        shown = " ".join(clerk.page.inner_text("body").split())
        if payload:
            assert " ".join(payload.split()) in shown, f"{path}: {payload} is not shown as it was written"
            words += 1
        made = clerk.page.query_selector_all("main :is(script,iframe,object,base,meta,style,svg[onload],img[onerror],[onfocus],[ontoggle])")
        made = [one for one in made if "hit" in one.evaluate("one => one.outerHTML")]
        links = clerk.page.query_selector_all("a[href^='javascript:']")
        assert not made and not links and not hits, f"{path}: {payload}: {hits}"
    for number, said in orders[:2]:
        clerk.go(f"/case/{number}/history")
    clerk.done("hostile words")
    print(f"hostile words: {words} shown as they were written, none ran")


def story(browser):
    """The three panes of the eve of National Day; the slider by keyboard; one forged byte."""
    visitor = Visitor(browser, DEV, "resident-1", tongue="en")
    page = visitor.page
    visitor.go("/story")
    visitor.until("document.querySelectorAll('.pane').length === 3 && document.body.innerText.includes('12:00 late')", 120)
    text = visitor.text()
    assert "2026-09-30 21:00" in text and "Promised by: 2026-10-08 17:30" in text, text
    slider = page.locator("#slider input")
    slider.focus()
    page.keyboard.press("Home")
    visitor.until("document.querySelector('#slider output').innerText.startsWith('1/')")
    visitor.until("!document.querySelector('.panes').innerText.includes('12:00 late')")
    assert "Promised by: 2026-10-08 17:30" in visitor.text(), "what was promised has not moved"
    page.keyboard.press("End")
    visitor.until("document.querySelector('.panes').innerText.includes('12:00 late')")
    page.click("form[action='/story/forge'] button")
    page.wait_for_selector(".receipt-of-forgery")
    said = page.inner_text(".receipt-of-forgery")
    assert re.search(r"BROKEN case/[0-9a-f-]+ record \d+", said), said
    visitor.done("story")
    print("story:", said.splitlines()[-1])


def replay(browser):
    """A case slid back by keyboard, with script and without; an auditor verifies its records."""
    scout = Visitor(browser, DEV, "secretary-jinchen")
    lift = case_of(scout, "elevator-installation")
    scout.done()
    visitor = Visitor(browser, DEV, "auditor", "phone", tongue="en")
    visitor.go(f"{lift}/history")
    now = visitor.text()
    visitor.tab_to("#slider input")
    visitor.page.keyboard.press("Home")
    visitor.until("document.querySelector('#slider output').innerText.startsWith('1/') && location.search === '?seq=1'")
    assert visitor.page.locator("main h1").count() == 1 and visitor.text() != now, visitor.text()
    visitor.fits("replay")
    visitor.page.click("button[name=verify]")
    said = visitor.page.inner_text(".verified")
    assert "Intact" in said and re.search(r"[0-9a-f]{64}", said), said
    visitor.done("replay")
    plain = Visitor(browser, DEV, "auditor", "phone", script=False)
    plain.go(f"{lift}/history?seq=2")
    plain.page.click("text=前一条")
    assert plain.page.inner_text("#slider output").startswith("1/"), plain.text()
    plain.done("replay without script")
    print("replay:", " ".join(said.split())[:60])


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for check in (lift, comes_back, two_tabs, by_keyboard, without_script, every_page, big_screen, replay,
                      hostile_words, story):
            try:
                check(browser)
            except Exception:
                for number, context in enumerate(browser.contexts):
                    for page in context.pages:
                        page.screenshot(path=FOLDER / f"{check.__name__}-{number}.png", full_page=True)
                raise
        browser.close()


main()
