from datetime import date

import pandas as pd
import pyarrow as pa

from sim.output.responses import (
    RESPONSE_COLUMNS,
    RESPONSE_SCHEMA,
    completed,
    gathered,
    response_frame,
    responses_of,
    stored_responses,
)

ROWS = [
    ("a", 0, date(2021, 2, 3), "raid", "BBB", "DDD", 0.5, True, "AAA", 1.0, 3, 2, 0.15, False, True),
    ("a", 70_000, date(2021, 2, 4), "flood", "BBB", "", 0.25, False, "CCC", 0.0, 0, 0, 0.0, True, False),
]


def test_rows_become_columns_and_a_frame_of_plain_words_dates_and_numbers() -> None:
    frame = response_frame(responses_of(ROWS))
    pd.testing.assert_frame_equal(frame, pd.DataFrame(ROWS, columns=list(RESPONSE_COLUMNS)))
    assert list(frame["date"]) == [date(2021, 2, 3), date(2021, 2, 4)]


def test_tables_lie_one_below_the_other_whatever_their_dictionaries() -> None:
    whole = gathered([responses_of(ROWS[:1]), responses_of(ROWS[1:])])
    pd.testing.assert_frame_equal(response_frame(whole), response_frame(responses_of(ROWS)))
    assert gathered([]).schema == responses_of([]).schema == RESPONSE_SCHEMA


def test_a_column_that_an_older_result_lacks_is_empty() -> None:
    whole = responses_of(ROWS)
    older = completed(whole.drop_columns("fulfilment"))
    assert older.column_names == list(RESPONSE_COLUMNS)
    assert older["fulfilment"].null_count == len(ROWS)
    assert older.drop_columns("fulfilment").equals(whole.drop_columns("fulfilment"))
    assert completed(whole).equals(whole)


def test_stored_responses_have_short_numbers_and_words_written_out_in_one_chunk() -> None:
    stored = stored_responses(gathered([responses_of(ROWS[:1]), responses_of(ROWS[1:])]))
    assert stored.equals(stored_responses(responses_of(ROWS)))
    assert [stored.schema.field(name).type for name in ("replicate", "level", "ally")] == [
        pa.int32(), pa.int8(), pa.string(),
    ]  # fmt: skip
    assert all(column.num_chunks == 1 for column in stored.columns)
    assert stored_responses(stored).equals(stored)
