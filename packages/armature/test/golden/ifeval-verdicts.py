"""Verdicts of IFEval's published checkers on GPT-4's published responses: strict and loose, "1" or "0" an instruction, and
"?" where they draw a random letter because the instruction counts something else.

python3 -m venv v && v/bin/pip install if-verifiable==0.1.2 nltk langdetect==1.0.9 immutabledict
v/bin/python -m nltk.downloader punkt_tab stopwords
v/bin/python packages/armature/test/golden/ifeval-verdicts.py ../shared/data/ifeval-ifbench/ifeval.jsonl.gz \
    > packages/armature/test/golden/ifeval-verdicts.json
"""

import gzip
import json
import sys

import langdetect
import nltk
from if_verifiable.common import get_loose_transformations
from if_verifiable.ifeval import instructions_registry, instructions_util

langdetect.DetectorFactory.seed = 0
# The pickled model that the package names is gone from newer NLTK; this is the same one.
instructions_util._get_sentence_tokenizer = lambda: nltk.tokenize.PunktTokenizer("english")


def follows(checker, response):
    return bool(response.strip() and checker.check_following(response))


verdicts = {}
for line in gzip.open(sys.argv[1], "rt", encoding="utf-8"):
    row = json.loads(line)
    response = row["gpt4_response"] or ""
    strict, loose = "", ""
    for name, kwargs in zip(row["instruction_id_list"], row["kwargs"]):
        if not (kwargs.get("letter") or "a").isascii() or not (kwargs.get("letter") or "a").isalpha():
            strict, loose = strict + "?", loose + "?"
            continue
        checker = instructions_registry.INSTRUCTION_DICT[name](name)
        checker.build_description(**{key: value for key, value in kwargs.items() if value is not None})
        strict += "01"[follows(checker, response)]
        loose += "01"[any(follows(checker, variant) for variant in get_loose_transformations(response))]
    verdicts[str(row["key"])] = [strict, loose]
print(json.dumps(verdicts, separators=(",", ":")))
