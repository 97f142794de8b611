"""Server-sent events as they come over the line."""

from terminal.news import Change, News, read


def test_events_are_read_with_the_last_id_and_everything_else_is_passed_over() -> None:
    lines = [
        ": hello",
        "",
        "event: configuration",
        "id: 7",
        "data: {}",
        "",
        "event: weather",
        "data: rain",
        "",
        "data: nameless",
        "",
        "event:bundle",
        "data: {}",
        "",
        "event: revoked",
    ]
    assert list(read(lines)) == [News(Change.CONFIGURATION, "7"), News(Change.BUNDLE, "7")]


def test_an_id_with_a_nul_is_none() -> None:
    assert list(read(["id: 1", "id: 2\0", "event: bundle", ""])) == [News(Change.BUNDLE, "1")]
