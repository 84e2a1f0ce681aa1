"""Models that were written without a look at the clinic are diagnosed like the zoo's."""

import pytest

from lstm_lab import diagnose
from tests.lstm_lab.clinic.strangers import CASES

# What each wrong one must get; nothing where no look from outside can tell.
FOUND = {
    "toxic_bilstm": "one step seen",
    "gru_flat_hidden": "rows mixed",
    "news_gru": "examples mixed",
    "mean_pool_projected": "padding read",
    "review_lstm": "padding read",
    "attention_bigru": "padding read",
    "both_ends_bilstm": "padding read",
    "sorted_encoder": "order lost",
    "gather_last_gru": "padding read",
    "cell_regressor": "state not carried",
    "activity_lstm": "state kept",
    "price_gru": "random answer",
    "dropout_lstm": "random answer",
    "temporal_attention": "examples mixed",
    "encdec_forecaster": "weights unlearned",
    "gru_stack_list": "weights hidden",
    "translator": "target leaks",
    "poetry_lm": "target leaks",
    "chat_seq2seq": "states crossed",
    "summarizer": "unread states",
    "stock_lstm": "single step",
    "intent_lstm": "loss misfit",
    "temperature_rnn": "loss misfit",
    "gesture_lstm": "examples mixed",
    "deep_bilstm": "unread states",
    "gru_with_mha": "examples mixed",
    "ner_tagger": "examples mixed",
    "quora_pair": None,  # the state of one question goes on into the next: some papers mean it
    "looped_lstm": "weights unlearned",
    "walk_grucell": "gradient cut",
    "demand_net": "examples mixed",
    "pos_gru": "examples mixed",
}


@pytest.mark.filterwarnings("ignore:Using a target size", "ignore:LSTM with projections")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stranger_s_model_gets_what_it_has_and_nothing_else(case):
    model, inputs, options = case.make()
    wanted = None if case.right else FOUND[case.name]
    names = {finding.name for finding in diagnose(model, *inputs, **options).findings}
    assert names == ({wanted} if wanted else set())


def test_there_are_as_many_right_ones_as_wrong_ones():
    assert {case.name for case in CASES if not case.right} == set(FOUND)
    assert sum(case.right for case in CASES) == len(FOUND) == 32
