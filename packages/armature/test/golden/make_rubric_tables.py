"""Writes rubric-rows.*.parquet with pyarrow: nested columns as data sets on the Hub have them, in several codecs.

    python3 -m pip install pyarrow && python3 make_rubric_tables.py
"""
import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
ROWS = [
    {
        "question": "Why is the sky blue?",
        "reference_answer": "Rayleigh scattering",
        "rubric": [
            {"title": "Names it", "description": "Essential Criteria: Names Rayleigh scattering.", "weight": 5},
            {"title": "No dust", "description": "Pitfall Criteria: Avoids blaming dust.", "weight": -1},
        ],
        "rubric_list": ["Names it", "No dust"],
        "rubric_count": 2,
        "share": 0.25,
        "made": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
        "note": None,
    },
    {
        "question": "中文 é",
        "reference_answer": None,
        "rubric": [{"title": "Short", "description": "Is short", "weight": 1}],
        "rubric_list": [],
        "rubric_count": 2**60,
        "share": None,
        "made": None,
        "note": "n",
    },
]
SCHEMA = pa.schema(
    [
        ("question", pa.large_string()),
        ("reference_answer", pa.string()),
        ("rubric", pa.list_(pa.struct([("title", pa.string()), ("description", pa.string()), ("weight", pa.int64())]))),
        ("rubric_list", pa.list_(pa.string())),
        ("rubric_count", pa.int64()),
        ("share", pa.float32()),
        ("made", pa.timestamp("ms", tz="UTC")),
        ("note", pa.dictionary(pa.int32(), pa.string())),
    ]
)

for codec in ["snappy", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), HERE / f"rubric-rows.{codec}.parquet", compression=codec, row_group_size=1, store_schema=False)
