"""Reads an OpenMetrics page on standard input as Prometheus' own Python library does, and prints it as JSON.

{"carebus_facts": {"type": "counter", "unit": "", "samples": [["carebus_facts_total", {"org": "acme"}, 3.0]]}}
Ends with an error where the page breaks a rule of OpenMetrics.
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    if not family.documentation:
        sys.exit(f"{family.name} has no help")
    samples = [[sample.name, sample.labels, sample.value] for sample in family.samples]
    families[family.name] = {"type": family.type, "unit": family.unit, "samples": samples}
json.dump(families, sys.stdout)
