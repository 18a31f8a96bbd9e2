"""The head of a history, computed by the definition of RFC 6962 with hashlib alone, from the rows of the store's file.
Argument: the store. Prints the number of records, the root in base64, and each leaf's line."""

import base64
import hashlib
import json
import sqlite3
import sys


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves):
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return sha256(b"\x00", leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01", root(leaves[:half]), root(leaves[half:]))


store = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
rows = store.execute(
    "SELECT form, stream, seq, cmd, kind, at, body FROM records WHERE tenant = 0 ORDER BY pos"
).fetchall()
before, lines = {}, []
for form, stream, seq, cmd, kind, at, body in rows:
    framing = [form, stream, seq, before.get(stream, ""), cmd, kind, at]
    text = json.dumps(framing, ensure_ascii=False, separators=(",", ":"))
    found = sha256(text[:-1].encode() + b"," + body + b"]")
    before[stream] = base64.b64encode(found).decode().rstrip("=")
    lines.append(f"paidan/leaf/1 {stream} {seq} {found.hex()}")
found = root([line.encode() for line in lines])
print(json.dumps({"records": len(lines), "root": base64.b64encode(found).decode(), "leaves": lines}))
