from fractions import Fraction

import pytest

from questions.items import ItemPattern
from questions.kinds import KINDS, Malformed, credit
from questions.kinds.expressions import problem_of
from questions.kinds.patterns import problem_of_pattern, takes
from questions.kinds.short import JudgedPattern, JudgedText

QUESTION = """
slug = "short"
kind = "short"
expects = "one reply code"
accept = [
  { id = "code", kind = "text", pattern = "503", matches = ["503"], misses = ["5.0.3"], why = "Bad sequence." },
  { id = "long", kind = "glob", pattern = "503 *", weight = 0.25, matches = ["503 Bad sequence"], misses = ["503"], why = "Only the code was asked for." },
  { id = "syntax", kind = "text", pattern = "500", weight = 0, matches = ["500"], misses = ["5000"], why = "It knows RCPT." },
]
"""  # noqa: E501
RESPONSE = "503 Bad"
NUMBER = """
slug = "number"
kind = "short"
expects = "a number of seconds"
accept = [
  { id = "n", kind = "number", pattern = "1200..1300", matches = ["1200", "1300.0"], misses = ["1199"], why = "Twenty minutes." },
]
"""  # noqa: E501
KIND = KINDS["short"]


@pytest.mark.parametrize(
    ("text", "by_pattern", "exact"),
    [
        ("503", 1, 1),
        ("503 bad sequence", Fraction(1, 4), 0),
        ("500", 0, 0),
        ("0503", 0, 0),
        ("", 0, 0),
        (None, 0, 0),
    ],
)
def test_the_best_pattern_counts(read, text, by_pattern, exact):
    item = read(QUESTION)

    assert credit(item, text, "pattern") == by_pattern
    assert credit(item, text, "exact") == exact


def test_of_two_that_take_it_the_one_worth_more_counts(read):
    item = read(
        QUESTION,
        ('"glob", pattern = "503 *"', '"glob", pattern = "503*"'),
        ('misses = ["503"]', 'misses = ["50"]'),
    )

    assert credit(item, "503", "pattern") == 1


@pytest.mark.parametrize(
    ("kind", "pattern", "text", "expected"),
    [
        ("text", "RCPT TO", "rcpt  to ", True),
        ("text", "RCPT TO", "rcpt\u00a0to", True),
        ("text", "RCPT TO", "rcptto", False),
        ("text", "caf\u00e9", "CAFE\u0301", True),
        ("text", "Straße", "STRASSE", True),
        ("text", "mail.example.", "mail.example", False),
        ("text", "5.1.1", "5.1.10", False),
        ("text", "250", "0250", False),
        ("text", "a*b", "axb", False),
        ("glob", "a*b", "AxxB", True),
        ("glob", "a*b", "ab", True),
        ("glob", "a*a", "a", False),
        ("glob", "*.example", "mail.example", True),
        ("glob", "mail.*", "mail.", True),
        ("glob", "a*b*c", "a1b2b3c", True),
        ("glob", "a*b*c", "a1c2b", False),
        ("glob", r"2 \* 3", "2 * 3", True),
        ("glob", r"2 \* 3", "2 x 3", False),
        ("glob", r"C:\\*", r"c:\new", True),
        ("glob", "a?", "ab", False),
        ("number", "25", "25", True),
        ("number", "25", "+25.00", True),
        ("number", "25", "025", False),
        ("number", "25", "2５", False),
        ("number", "25", "25,0", False),
        ("number", "25", "NaN", False),
        ("number", "25", "Infinity", False),
        ("number", "25", "2.5e1", False),
        ("number", "25", " 25 ", True),
        ("number", "10..20", "10", True),
        ("number", "10 .. 20", "20.0", True),
        ("number", "10..20", "20.01", False),
        ("number", "-5..-1", "-3", True),
        ("number", "10 +- 0.5", "9.5", True),
        ("number", "10 +- 0.5", "10.51", False),
        ("regex", r"5\.1\.[01]", "5.1.1", True),
        ("regex", r"5\.1\.[01]", "5.1.10", False),
        ("regex", "rcpt to:<[^>]+>", "RCPT TO:<a@b.example>", True),
        ("regex", "(a+)+b", "ab", False),
    ],
)
def test_patterns_take_what_they_should(kind, pattern, text, expected):
    assert takes(pattern, ItemPattern(kind), text) is expected


@pytest.mark.parametrize(
    ("kind", "switch", "text", "expected"),
    [
        ("text", {}, "CASEY@LAB.example", True),
        ("text", {"exact_case": True}, "CASEY@LAB.example", False),
        ("text", {"exact_case": True}, "casey@lab.example", True),
        ("glob", {"exact_case": True}, "Casey@lab.example", False),
        ("regex", {"exact_case": True}, "Casey@lab.example", False),
    ],
)
def test_case_counts_on_request(kind, switch, text, expected):
    pattern = r"casey@lab\.example" if kind == "regex" else "casey@lab.example"

    assert takes(pattern, ItemPattern(kind, **switch), text) is expected


def test_spaces_count_on_request():
    assert takes("a  b", ItemPattern("text"), "a b")
    assert not takes("a  b", ItemPattern("text", exact_space=True), "a b")
    assert takes("a  b", ItemPattern("text", exact_space=True), "a  b")


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("[0-9]{3} .*", ""),
        (r"(?:25|587)(?: \w+)?", ""),
        (r"(?:ab){2}c", ""),
        (r"(a)\1", "has '\\\\1'"),
        ("(a+)+b", "repeats a group in which something varies"),
        ("(?:a|b)*c", "repeats a group in which something varies"),
        ("(?:a?){30}", "repeats a group in which something varies"),
        ("(?=a)a", "has '(?=a'"),
        ("(?i)a", "has '(?i)'"),
        ("(?P<n>a)", "has '(?P<'"),
        (".*.*.*", "can be matched in too many ways"),
        ("a?" * 17 + "a" * 17, "can be matched in too many ways"),
        ("(?:a|aa)" * 17, "can be matched in too many ways"),
        ("a*?", "repeats what is repeated already"),
        ("a**", "is no regular expression"),
        ("(", "is no regular expression"),
        ("a)", "is no regular expression"),
        ("a" * 201, "has 201 characters"),
    ],
)
def test_expressions_are_a_part_of_the_language(expression, problem):
    assert problem_of(expression).startswith(problem)
    assert bool(problem_of(expression)) is bool(problem)


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("", "text"),
        (" ", "glob"),
        ("*", "glob"),
        ("ten", "number"),
        ("20..10", "number"),
        ("10 +- -1", "number"),
        ("1,5", "number"),
        ("1..", "number"),
        ("1..2..3", "number"),
    ],
)
def test_patterns_that_mean_nothing_are_named(pattern, kind):
    assert problem_of_pattern(pattern, kind)


def test_the_field_is_trimmed_and_kept(read):
    item = read(QUESTION)

    assert KIND.hear(item, [], {"text": ["  503\t "]}) == "503"
    assert KIND.hear(item, [], {}) == ""
    assert KIND.hear(item, [], {"text": ["x" * 256]}) == "x" * 256
    assert KIND.say(item, [], "503") == [("text", "503")]
    assert KIND.say(item, [], None) == [("text", "")]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (["x" * 257], "An answer has 256 characters at most; this one has 257."),
        (["5\x0003"], "An answer is one line without control characters."),
        (["5\n3"], "An answer is one line without control characters."),
        (["5\ud8003"], "An answer is one line without control characters."),
        (["503", "500"], "The answer was sent twice."),
    ],
)
def test_what_no_field_sends_is_malformed(read, values, problem):
    with pytest.raises(Malformed, match=problem):
        KIND.hear(read(QUESTION), [], {"text": values})


@pytest.mark.parametrize(
    ("text", "lack"),
    [
        ("1250", None),
        ("99", None),
        ("", "Type an answer."),
        ("1,250", "Use a point as decimal mark"),
        ("1250,5", "Use a point as decimal mark"),
        ("1'250", "Use a point as decimal mark"),
        ("1 250", "Use a point as decimal mark"),
        ("NaN", "Type one number in digits"),
        ("-Infinity", "Type one number in digits"),
        ("01250", "Type one number in digits"),
        ("twenty minutes", "Type one number in digits"),
    ],
)
def test_a_way_of_writing_a_number_is_no_wrong_answer(read, text, lack):
    said = KIND.lack(read(NUMBER), text)

    assert (said.message[: len(lack)] if said else None) == lack


def test_a_text_may_look_as_it_likes(read):
    assert KIND.lack(read(QUESTION), "5,5") is None


def test_judged_rows_name_all_accepted_answers_and_the_mistake_made(read):
    item = read(QUESTION)
    right = JudgedPattern("503", True, 100, "Bad sequence.")
    part = JudgedPattern("503 Bad sequence", False, 25, "Only the code was asked for.")
    mistake = JudgedPattern("500", True, 0, "It knows RCPT.")

    assert KIND.judge(item, [], "503") == [JudgedText("503", (right, part))]
    assert KIND.judge(item, [], "500")[0].patterns[2] == mistake
    assert len(KIND.judge(item, [], "501")[0].patterns) == 2
    assert KIND.judge(item, [], None)[0].text == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('expects = "one reply code"\n', "", "expects is missing"),
        ("weight = 0.25", "weight = 1.5", "weight must be from 0 to 1"),
        ("weight = 0.25", "weight = 0.0001", "weight must be from 0 to 1 with three decimals"),
        ("weight = 0.25", "weight = nan", "weight must be from 0 to 1"),
        ("weight = 0.25", "weight = true", "weight must be from 0 to 1"),
        ('"503", matches', '"503", weight = 0.5, matches', "accept no pattern is worth the full"),
        ('matches = ["503"]', "matches = []", "pattern 1 has no example that it matches"),
        ('misses = ["5.0.3"]', "misses = []", "pattern 1 has no example that it misses"),
        ('matches = ["503"]', 'matches = ["530"]', "pattern 1 does not match its example '530'"),
        ('misses = ["5.0.3"]', 'misses = ["503 "]', "pattern 1 matches '503 ', which it should"),
        ('matches = ["503"]', 'matches = ["5\\n3"]', "matches: an example is one line"),
        ('misses = ["5.0.3"]', 'misses = [""]', "misses: an example is one line"),
        ('"text", pattern', '"words", pattern', "kind is 'words'"),
        ('"503", matches', '"503", case = "fold", matches', "case is 'fold'"),
        ('kind = "glob", pattern = "503 *"', 'kind = "regex", pattern = "(5+)+"', "pattern 2 rep"),
        ("accept = [", "options = []\naccept = [", "unknown key 'options'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


@pytest.mark.parametrize(
    ("weight", "thousandths"), [("0", 0), ("1", 1000), ("0.333", 333), ("0.1", 100), ("1.0", 1000)]
)
def test_weights_are_kept_in_thousandths(read, weight, thousandths):
    item = read(QUESTION, ("weight = 0.25", f"weight = {weight}"))

    assert item.options[1].pattern.weight == thousandths


def test_right_questions_have_nothing_wrong(wrong):
    assert wrong(QUESTION) == []
    assert wrong(NUMBER) == []
