"""The first five minutes of a clerk who was never trained, of an auditor, and of an integrator, in a real Chromium, row by row.

minutes.py DEMONSTRATION PAIDAN FOLDER: the address of a town whose clock stands still, the binary, and where pictures go.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DEV, PAIDAN, FOLDER = sys.argv[1], sys.argv[2], Path(sys.argv[3])
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89")
DESK, PHONE = (1366, 768), (360, 740)
# A clerk never meets these.
OURS = re.compile(r"\bworkflows?\b|\bstates?\b|\btransitions?\b|流程|状态|迁移|转移", re.IGNORECASE)


class Town:
    """The demonstration, and its people."""

    def __init__(self, browser):
        self.browser, self.asked = browser, 0

    def person(self, who="", size=DESK, tongue="zh"):
        """A page of somebody's own."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN",
                                           accept_downloads=True)
        cookies = [("tongue", tongue)] + ([("who", who)] if who else [])
        context.add_cookies([{"name": name, "value": value, "url": DEV} for name, value in cookies])
        return context.new_page()

    def post(self, who, path, body):
        self.asked += 1
        page = self.person(who)
        data, kind = (body, "image/png") if isinstance(body, bytes) else (json.dumps(body), "application/json")
        answer = page.request.post(DEV + path, data=data,
                                   headers={"Content-Type": kind, "Idempotency-Key": f'"minutes-{self.asked}"'})
        assert answer.ok, (path, answer.status, answer.text())
        said = answer.json()
        page.context.close()
        return said

    def whistle(self, units, lead):
        """A whistle that departments are asked about; its number."""
        photo = self.post("secretary-hailing", "/v1/files", PNG)["digest"]
        fields = {"kind": "quick", "reporter": "resident-3", "place": "gate-3", "category": "drain",
                  "summary": "院里积水三天", "affected": 12}
        number = self.post("secretary-hailing", "/v1/cases", {"workflow": "whistle-report", "fields": fields})["number"]
        for who, action, fields in [
            ("secretary-hailing", "submit", {"photos": [photo], "tried": "疏通过"}),
            ("secretary-hailing", "approve", {"duty_row": "water-02"}),
            ("dispatcher", "assign", {"departments": list(units), "lead_unit": lead}),
        ]:
            self.post(who, f"/v1/cases/{number}/actions/{action}", {"fields": fields})
        return number

    def act(self, who, number, action, fields, leg=None):
        body = {"fields": fields} | ({"leg": leg} if leg else {})
        self.post(who, f"/v1/cases/{number}/actions/{action}", body)

    def later(self):
        """Puts the clock forward to the next timer."""
        page = self.person("secretary-hailing")
        page.goto(DEV)
        page.click("form[action='/clock'] button")
        page.context.close()


def says(page, *words):
    text = page.inner_text("main")
    for word in words:
        assert word in text, f"{word!r} is not on {page.url}: {text}"
    return text


def shot(page, name):
    page.screenshot(path=FOLDER / f"{name}.png")
    wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide at {page.viewport_size}"


def clerk(town, tongue):
    """A liaison of the water bureau, on a phone."""
    zh = tongue == "zh"
    number, other = (town.whistle(units=("water", "roads"), lead="roads") for _ in range(2))
    page = town.person(size=PHONE, tongue=tongue)

    def read():
        text = page.inner_text("body")
        found = OURS.search(text)
        assert not found, f"{found.group()!r} on {page.url}: {text}"
        return text

    # 0:00 the link in the message; whoever it came to is signed in.
    page.goto(DEV + "/sink")
    unit = "水务局" if zh else "Water bureau"
    card = page.locator("tr", has_text=number).filter(has_text=unit).filter(has=page.locator("form[action='/who']")).first
    card.locator("form[action='/who'] button").click()
    page.wait_for_url("**/case/**")
    # 0:05 who asked, what is wanted, what is left of the working time.
    read()
    says(page, number, "海陵社区" if zh else "Hailing", "院里积水三天", "工作时间" if zh else "office time")
    first = page.inner_text("p.first")
    assert ("（工作时间）" if zh else "office time") in first and "2026-09-30 16:50" in first, first
    shot(page, f"clerk-case-{tongue}")
    # 0:20 signed.
    page.click("form:has(input[value='sign']) button")
    says(page, "已签收" if zh else "signed")
    read()
    # 0:40 another is not ours: a reason from a list, whose it is, and what a second one leads to.
    page.goto(DEV)
    read()
    page.click(f"text={other}")
    form = page.locator("form:has(input[value='refuse'])")
    grounds = form.locator("select[name='ground'] option").all_inner_texts()
    assert len(grounds) == 5, grounds
    words = form.inner_text()
    assert ("只能退一次" in words and "督查员" in words) if zh else ("once" in words and "supervisor" in words), words
    shot(page, f"clerk-back-{tongue}")
    form.locator("button").click()
    assert "done" not in page.url, "nothing goes back without a reason"
    form.locator("select[name='ground']").select_option("not-our-duty")
    form.locator("input[name='basis']").fill("roads-01")
    form.locator("select[name='instead']").select_option("parks")
    form.locator("button").click()
    says(page, "待裁定" if zh else "being ruled on")
    read()
    # Meanwhile the roads board leads: a plan, to which this one agrees.
    page.goto(DEV)
    page.click(f"text={number}")
    page.click("form:has(input[value='check_in']) button")
    for action, fields in [("check_in", {}), ("propose", {"plan_text": "疏通并加装水篦子", "public_words": "三天内排干", "budget": "公用经费"}), ("agree", {})]:
        town.act("liaison-roads", number, action, fields, None if action == "propose" else "roads")
    page.reload()
    page.click("form:has(input[value='agree']) button")
    town.act("liaison-roads", number, "plan_agreed", {})
    # 1:30 a photo from the phone, a line, done.
    page.reload()
    form = page.locator("form:has(input[value='show_work'])")
    form.locator("input[type='file']").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    form.locator("[name='work_words']").fill("疏通了，水退了")
    form.locator("button").last.click()
    says(page, "疏通了，水退了")
    shot(page, f"clerk-done-{tongue}")
    page.click("form:has(input[value='finish']) button")
    read()
    # 2:00 the list is empty, and says what comes next.
    page.goto(DEV)
    text = read()
    tasks = text.split("我的任务" if zh else "My tasks")[1].split("您能看到" if zh else "Of what you may see")[0]
    assert number not in tasks and other not in tasks, tasks
    assert ("最近的期限：2026-" if zh else "the next is due: 2026-") in text, text
    shot(page, f"clerk-list-{tongue}")
    # The community looks at it, and the resident is told.
    town.act("liaison-roads", number, "finish", {}, "roads")
    photo = town.post("secretary-hailing", "/v1/files", PNG)["digest"]
    town.act("secretary-hailing", number, "pass", {"evidence": [photo]})
    sink = town.person()
    sink.goto(DEV + "/sink")
    told = sink.locator("tr", has_text=number).filter(has_text="请花一分钟评价").first.inner_text()
    assert "resident-3" in told, told
    sink.context.close()
    # 3:00 a deputy for the days of leave.
    page.goto(DEV + "/away")
    read()
    form = page.locator("form:has(select[name='deputy'])").first
    form.locator("select[name='deputy']").select_option(index=1)
    for name, day in [("from", "2026-10-12T08:30"), ("until", "2026-10-16T17:30")]:
        form.locator(f"input[name='{name}']").fill(day)
    chosen = form.locator("select[name='deputy'] option").nth(1).inner_text()
    assert ("水务局" if zh else "Water bureau") in chosen, chosen
    form.locator("button").last.click()
    says(page, "2026-10-12", "2026-10-16")
    read()
    shot(page, f"clerk-away-{tongue}")
    page.context.close()


def auditor(town, number):
    """A read-only account and the number of a case; and a laptop that has nothing but the binary."""
    page = town.person("resident-3")
    page.goto(DEV)
    page.click(f"text={number}")
    case = page.url.split("?")[0]
    page.context.close()
    # An anchor is published when a month begins.
    for _ in range(60):
        town.later()
        anchors = town.person()
        anchors.goto(DEV + "/anchors")
        published = anchors.locator("tbody a").all_inner_texts()
        anchors.context.close()
        if published:
            break
    assert published, "no anchor was published"
    # 0:00 the case, replayed.
    page = town.person("auditor")
    page.goto(case)
    page.click("a[href$='/history']")
    # 0:30 the slider, at the second record: where it stood, who held it, its clocks, the rule of that version.
    page.wait_for_selector("#slider")
    # Its script listens by then.
    page.wait_for_load_state("load")
    page.evaluate("""() => {
        const slider = document.querySelector("#slider input[type=range]");
        slider.value = 3;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    page.wait_for_url("**seq=3*")
    text = says(page, "那一刻", "分哨", "计时", "由谁办", "调度员")
    assert "[states.whistled]" in page.content() or "states.whistled" in text, "the rule text of that version"
    shot(page, "auditor-then")
    # 1:30 why it was not sent up: the make-up Saturday, and the notice it rests on.
    page.goto(case + "/history")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    says(page, "为什么升级了、没升级", "2026-10-10", "调休", "放假和调休依据")
    shot(page, "auditor-why")
    # 2:30 verified: whole, and the head is the one that was published.
    page.click("button[name='verify']")
    text = says(page, "完整", "相符")
    head = re.search(r"\b[0-9a-f]{64}\b", text).group()
    shot(page, "auditor-verified")
    # 3:30 the same answer on a machine without the server.
    with page.expect_download() as taken:
        page.click("a[href$='/records']")
    records = FOLDER / "case.jsonl"
    taken.value.save_as(records)
    page.goto(DEV + "/anchors")
    anchor = FOLDER / "anchor.txt"
    anchor.write_bytes(page.request.get(DEV + page.locator("tbody a").first.get_attribute("href")).body())
    found = subprocess.run([PAIDAN, "audit", "verify", "--records", str(records), "--anchor", str(anchor)],
                           capture_output=True, text=True)
    assert found.returncode == 0 and head in found.stdout and "that is the head in your copy" in found.stdout, found
    # 4:30 the event log, in a tool for process mining.
    page.goto(case + "/history")
    with page.expect_download() as taken:
        page.click("a[href$='/xes']")
    log = FOLDER / "case.xes"
    taken.value.save_as(log)
    import pm4py  # takes its time to load, and greets
    assert len(pm4py.read_xes(str(log))) > 5
    # 5:00 the access log has this visit.
    page.goto(case)
    page.click("a[href$='/access']")
    says(page, "我", "原样记录", "事件日志", "回放并核验")
    shot(page, "auditor-access")
    page.context.close()


def integrator(town):
    """A case that a resident asks for stands on the community's list without a reload, drains, and is sent up."""
    desk = town.person("secretary-hailing")
    desk.goto(DEV)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d (已停走|stands still)", desk.inner_text("#clock")), desk.inner_text("#clock")
    resident = town.person("resident-1")
    resident.goto(DEV + "/new/resident-order")
    for name, value in [("category", "drain"), ("summary", "三楼漏水")]:
        resident.locator(f"[name='{name}']").fill(value)
    resident.locator("[name='place']").select_option("gate-3")
    resident.locator("main form button").last.click()
    number = re.search(r"HAILING-\d{8}-\d{4}-\d", resident.inner_text("main")).group()
    desk.wait_for_selector(f"text={number}")
    row = desk.locator("tr", has_text=number).first
    assert row.locator("meter").count() == 1, row.inner_text()
    shot(desk, "integrator-inbox")
    classes = set()
    for _ in range(12):
        desk.click("form[action='/clock'] button")
        row = desk.locator("tr", has_text=number).first
        classes |= set((row.get_attribute("class") or "").split()) if row.count() else set()
        if "late" in classes:
            break
    assert "late" in classes, classes
    shot(desk, "integrator-late")
    desk.goto(DEV + "/sink")
    says(desk, number)
    shot(desk, "integrator-sink")
    desk.context.close()


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        town = Town(browser)
        disputed = town.whistle(units=("parks", "roads"), lead="roads")
        for tongue in ["zh", "en"]:
            clerk(town, tongue)
        integrator(town)
        auditor(town, disputed)
        browser.close()


main()
