"""Holds documents against a JSON Schema, by the validator of another project. Stdin: {"schema": …, "documents": {name: …}};
prints {name: [what does not fit]}."""

import json
import sys

import jsonschema_rs

asked = json.load(sys.stdin)
validator = jsonschema_rs.validator_for(asked["schema"])
found = {
    name: [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(document)]
    for name, document in asked["documents"].items()
}
json.dump(found, sys.stdout)
