"""Languages that langdetect 1.0.9 (seed 0) finds in GPT-4's responses to the IFEval prompts that ask for one.

python3 -m venv v && v/bin/pip install langdetect==1.0.9
v/bin/python packages/armature/test/golden/ifeval-languages.py ../shared/data/ifeval-ifbench/ifeval.jsonl.gz \
    > packages/armature/test/golden/ifeval-languages.json
"""

import gzip
import json
import sys

import langdetect

langdetect.DetectorFactory.seed = 0
ASKS = {"language:response_language", "change_case:english_capital", "change_case:english_lowercase"}
found = {}
for line in gzip.open(sys.argv[1], "rt", encoding="utf-8"):
    row = json.loads(line)
    text = row.get("gpt4_response") or ""
    if text.strip() and ASKS & set(row["instruction_id_list"]):
        found[str(row["key"])] = langdetect.detect(text)
print(json.dumps(found, separators=(",", ":")))
