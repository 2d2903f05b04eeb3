"""What holds for every kind, with the question and the response that its own tests bring."""

import json
from dataclasses import asdict, replace
from fractions import Fraction
from importlib import import_module
from itertools import product

import pytest
from django.template.loader import render_to_string

from questions.kinds import KINDS, credit
from questions.models import Revision
from questions.showing import ask, judge

MODULES = {name: import_module(f"tests.questions.kinds.test_{name}") for name in KINDS}
every_kind = pytest.mark.parametrize("name", KINDS)


@pytest.fixture
def sample(read):
    """The item of a kind, an order and a response that is partly wrong."""

    def sample(name):
        item = read(MODULES[name].QUESTION)
        return item, KINDS[name].arrange(item, lambda ident: ident[::-1]), MODULES[name].RESPONSE

    return sample


def responses(item, order, response):
    """Of each kind's form every value that it may send, two fields at a time, and the sample."""
    kind = KINDS[item.kind]
    names = {
        "matching": [f"right-{row}" for row in range(3)],
        "ordering": [f"place-{row}" for row in range(len(order))],
        "short": ["text"],
    }.get(item.kind, ["choice"])
    values = {
        "matching": ["", *map(str, range(len(order)))],
        "ordering": ["", *(str(place + 1) for place in range(len(order)))],
        "short": ["503", "503 Bad", "500", "elsewhere"],
    }.get(item.kind, [str(place) for place in range(len(order))])
    for pair in product(names, names):
        for chosen in product(values, values):
            fields = {name: [value] for name, value in zip(pair, chosen, strict=True)}
            yield kind.hear(item, order, fields)
    yield response


@every_kind
def test_hearing_what_was_said_gives_the_response_again(sample, name):
    item, order, given = sample(name)
    kind = KINDS[name]

    for response in responses(item, order, given):
        said = kind.say(item, order, response)
        fields = {}
        for field, value in said:
            fields.setdefault(field, []).append(value)

        assert (kind.hear(item, order, fields) or None) == (response or None)


@every_kind
def test_credit_is_a_share_under_every_policy(sample, name):
    item, order, given = sample(name)

    for response in responses(item, order, given):
        for policy in KINDS[name].policies:
            assert isinstance(credit(item, response, policy), Fraction)
            assert 0 <= credit(item, response, policy) <= 1


@every_kind
def test_a_response_is_json_and_survives_it(sample, name):
    item, order, given = sample(name)

    for response in responses(item, order, given):
        assert json.loads(json.dumps(response)) == response


@every_kind
def test_the_open_question_hints_at_nothing(sample, name):
    """Neither the rows nor the page hold a reason, and a change of the key changes neither."""
    item, order, response = sample(name)
    question = ask(item, order, response=response)
    shown = [asdict(row) for row in question.rows]
    page = render_to_string(question.template, {"question": question})

    for option in item.options:
        assert option.rationale not in page + json.dumps(shown)
        assert json.dumps(option.ident) not in json.dumps(shown)
    assert item.explanation not in page
    assert [asdict(row) for row in ask(other_key(item), order, response=response).rows] == shown


def other_key(item):
    """The same question with another answer."""
    rows = item.options
    rationale = "Another reason."
    return replace(
        item,
        options=tuple(
            replace(
                row,
                rationale=rationale,
                is_key=not row.is_key,
                group=len(rows) - row.group,
                text="other" if row.pattern else row.text,
            )
            for row in rows
        ),
    )


@every_kind
def test_the_judged_question_tells_every_reason(sample, name):
    item, order, response = sample(name)
    question = judge(item, order, response=response, mark=0, max_mark=1000)
    page = render_to_string(question.template, {"question": question})
    told = [row for row in item.options if row.pattern is None or row.pattern.weight]

    assert [row.ident for row in told if row.rationale not in page] == []


@every_kind
def test_the_page_names_what_to_do_and_offers_its_first_field_to_errors(sample, name):
    item, order, response = sample(name)
    lab = {"goal": "Greet.", "begin_url": "/here/"} if name == "lab" else None
    question = ask(item, order, response=response, lab=lab)

    told = render_to_string(question.template, {"question": question, "part": "instruction"})
    page = render_to_string(question.template, {"question": question})

    assert told.strip()
    assert page.count('id="option-1"') == 1


@every_kind
def test_policies_are_known_to_the_database(name):
    kind = KINDS[name]

    assert {*kind.policies, kind.exam_policy} <= set(Revision.Policy.values)
    assert kind.exam_policy in kind.policies


@every_kind
def test_only_its_own_keys_are_taken(sample, wrong, name):
    own = {
        "options": ["single", "multiple"],
        "choose": ["multiple", "hotspot"],
        "pairs": ["matching"],
        "spare": ["matching"],
        "steps": ["ordering"],
        "accept": ["short"],
        "expects": ["short"],
        "lines": ["hotspot"],
        "lab": ["lab"],
    }
    for key, kinds in own.items():
        if name not in kinds:
            kind = f'kind = "{name}"'
            said = wrong(MODULES[name].QUESTION, (kind, f"{kind}\n{key} = 1"))

            assert f"unknown key '{key}'" in said
