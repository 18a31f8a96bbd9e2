"""Checks the proof after the records of a case with hashlib alone: RFC 9162, section 2.1.3.2, and the texts of C2SP."""

import base64
import hashlib
import json
import sys

lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
last = json.loads(lines[-1])
record = lines[last["covers"] - 1]
head, anchor = last["proof"].split("\n\n", 1)
form, index, *hashes = head.split("\n")
assert form == "c2sp.org/tlog-proof@v1", form
at = int(index.removeprefix("index "))
origin, size, root = anchor.splitlines()[:3]
end = int(size) - 1

stream = json.loads(record)[1]
leaf = f"paidan/leaf/1 {stream} {last['covers']} {hashlib.sha256(record.encode()).hexdigest()}"
found = hashlib.sha256(b"\x00" + leaf.encode()).digest()
for beside in map(base64.b64decode, hashes):
    assert end > 0, "too many hashes"
    if at & 1 or at == end:
        found = hashlib.sha256(b"\x01" + beside + found).digest()
        while not at & 1 and at:
            at, end = at >> 1, end >> 1
    else:
        found = hashlib.sha256(b"\x01" + found + beside).digest()
    at, end = at >> 1, end >> 1
assert end == 0, "too few hashes"
assert base64.b64encode(found).decode() == root, "another root"
