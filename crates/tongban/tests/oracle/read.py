"""Reads an event log with pm4py and tells what it found, as one JSON object."""
import json
import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ["TQDM_DISABLE"] = "1"
import pm4py
from pm4py.objects.ocel.validation import jsonocel


def listed(**members):
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {name: kind for name, (kind, _) in members.items()},
            "required": [name for name, (_, needed) in members.items() if needed],
        },
    }


TEXT = {"type": "string"}
INSTANT = {"type": "string", "format": "date-time"}
LINKS = listed(objectId=(TEXT, True), qualifier=(TEXT, True))
TYPES = listed(name=(TEXT, True), attributes=(listed(name=(TEXT, True), type=(TEXT, True)), True))
# The members that section 8.2 of the OCEL 2.0 specification demands, and their types.
OCEL = {
    "type": "object",
    "properties": {
        "eventTypes": TYPES,
        "objectTypes": TYPES,
        "events": listed(
            id=(TEXT, True), type=(TEXT, True), time=(INSTANT, True), relationships=(LINKS, False),
            attributes=(listed(name=(TEXT, True), value=(TEXT, True)), False)),
        "objects": listed(
            id=(TEXT, True), type=(TEXT, True), relationships=(LINKS, False),
            attributes=(listed(name=(TEXT, True), value=(TEXT, True), time=(INSTANT, True)), False)),
    },
    "required": ["eventTypes", "objectTypes", "events", "objects"],
}


def ocel(path):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as schema:
        json.dump(OCEL, schema)
        schema.flush()
        valid = jsonocel.apply(path, schema.name)
    log = pm4py.read_ocel2_json(path)
    cases = log.objects[log.objects["ocel:type"] == "case"]
    return {
        "valid": valid,
        "cases": len(cases),
        "events": len(log.events),
        "objects": len(log.objects),
        "relations": len(log.relations) + len(log.o2o),
        "object_types": sorted(set(log.objects["ocel:type"])),
        "activities": sorted(set(log.events["ocel:activity"])),
        "changes": len(log.object_changes),
    }


def xes(path):
    log = pm4py.read_xes(path)
    variants = pm4py.get_variants(log)
    return {
        "cases": int(log["case:concept:name"].nunique()),
        "events": len(log),
        "activities": sorted(set(log["concept:name"])),
        "variants": sorted(([list(name), int(n)] for name, n in variants.items())),
        "transitions": sorted(set(log["lifecycle:transition"])),
        "resources": int(log["org:resource"].nunique()),
    }


def conformance(net, log):
    """Optimal alignments of the tasks that were done with the net; a deviation costs 1 (pm4py counts 10,000)."""
    net, begin, end = pm4py.read_pnml(net)
    log = pm4py.read_xes(log)
    log = log[log["lifecycle:transition"] == "complete"]
    aligned = pm4py.conformance_diagnostics_alignments(log, net, begin, end)
    return {
        "cases": len(aligned),
        "visible": sum(1 for one in net.transitions if one.label is not None),
        "sound": bool(pm4py.check_soundness(net, begin, end)[0]),
        "deviations": sorted(int(one["cost"] // 10000) for one in aligned),
    }


print(json.dumps({"ocel": ocel, "xes": xes, "conformance": conformance}[sys.argv[1]](*sys.argv[2:])))
