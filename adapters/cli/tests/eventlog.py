"""An event log as the reference tool of process mining reads it: pm4py counts it, and discovers what follows what in one
case. Arguments: the XES file, the same as CSV, the number of that case. Prints JSON."""

import csv
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import pm4py
from lxml import etree

xes, rows, case = sys.argv[1:]
NAMESPACE = "{http://www.xes-standard.org/}"

frame = pm4py.read_xes(xes)
log = pm4py.read_xes(xes, return_legacy_log_object=True)
one = frame[frame["case:concept:name"] == case]


def edges(key):
    found, first, last = pm4py.discover_dfg(one, activity_key=key)
    return {
        "edges": sorted([a, b, int(count)] for (a, b), count in found.items()),
        "first": sorted(first),
        "last": sorted(last),
    }


def missing(scope, element):
    """What the standard says everything of a scope has, and an element has not."""
    root = etree.parse(xes).getroot()
    of = root.find(f"{NAMESPACE}global[@scope='{scope}']")
    wanted = {attribute.get("key") for attribute in of}
    found = set()
    for one in root.iter(NAMESPACE + element):
        found |= wanted - {attribute.get("key") for attribute in one}
    return sorted(found)


classes = [key for keys in log.classifiers.values() for key in keys]
with open(rows, encoding="utf-8", newline="") as file:
    cells = list(csv.reader(file))
print(
    json.dumps(
        {
            "traces": int(frame["case:concept:name"].nunique()),
            "events": len(frame),
            "legacy": [len(log), sum(len(trace) for trace in log)],
            "walked": edges("activity"),
            "titles": edges("concept:name"),
            "order": list(one["activity"] + "/" + one["lifecycle:transition"]),
            "extensions": sorted(extension["prefix"] for extension in log.extensions.values()),
            "missing": missing("trace", "trace") + missing("event", "event"),
            "classifiers": sorted(set(classes) - {a.get("key") for a in etree.parse(xes).getroot().find(f"{NAMESPACE}global[@scope='event']")}),
            "zone": str(frame["time:timestamp"].dtype),
            "resources": sorted(set(one["org:resource"])),
            "all_resources": sorted(set(frame["org:resource"])),
            "variants": len(pm4py.get_variants(frame)),
            "rows": len(cells) - 1,
            "width": sorted({len(row) for row in cells}),
        }
    )
)
