use proptest::prelude::*;

use super::*;

fn cron(text: &str) -> String {
    When::parse(text).unwrap().cron()
}

#[test]
fn a_day_and_a_time_are_fields_of_cron() {
    for (said, cron_is) in [
        ("Mon 06:00", "0 6 * * 1"),
        ("monday 6:05", "5 6 * * 1"),
        ("Mon,Thu 23:59", "59 23 * * 1,4"),
        ("Mon-Fri 06:00", "0 6 * * 1-5"),
        ("Fri-Mon 06:00", "0 6 * * 0,1,5,6"),
        ("sun 00:00", "0 0 * * 0"),
        ("daily 04:30", "30 4 * * *"),
        ("04:30", "30 4 * * *"),
        ("*/15 8-18/5 1 jan,JUN 7", "0,15,30,45 8,13,18 1 1,6 0"),
        ("5/20 * * * *", "5,25,45 * * * *"),
        ("0-59 0-23 1-31 1-12 0-7", "* * * * *"),
    ] {
        assert_eq!(cron(said), cron_is, "{said}");
    }
}

#[test]
fn systemd_takes_either_day_as_cron_does() {
    let calendars = |text: &str| When::parse(text).unwrap().calendars();
    assert_eq!(calendars("Mon 06:00"), ["Mon *-*-* 6:0:00 UTC"]);
    assert_eq!(calendars("Sun,Mon 06:00"), ["Mon,Sun *-*-* 6:0:00 UTC"]);
    assert_eq!(calendars("0 6 1-7 * *"), ["*-*-1..7 6:0:00 UTC"]);
    let both = ["Fri *-*-* 6:0:00 UTC", "*-*-13 6:0:00 UTC"];
    assert_eq!(calendars("0 6 13 * 5"), both);
}

#[test]
fn what_is_no_moment_is_refused_by_its_name() {
    let told = |text: &str| When::parse(text).unwrap_err().to_string();
    assert_eq!(told("Mon 24:00"), "`24` is no hour of a day");
    assert_eq!(told("0 6 32 * *"), "`32` is no day of a month");
    assert_eq!(told("Mun 06:00"), "`Mun` is no day of a week");
    assert_eq!(told("5-1 * * * *"), "`5-1` is no minute of an hour");
    for text in [
        "",
        "Mon",
        "06",
        "Mon 6",
        "* * * *",
        "* * * * * *",
        "@daily",
        "Mon 6:+5",
    ] {
        assert!(told(text).contains("is neither"), "{text}: {}", told(text));
    }
    for text in [
        "*/0 * * * *",
        "1- * * * *",
        "-1 * * * *",
        ", * * * *",
        "1/1/1 * * * *",
    ] {
        assert!(
            told(text).contains("is no minute"),
            "{text}: {}",
            told(text)
        );
    }
}

proptest! {
    #[test]
    fn fields_of_cron_say_the_same_when_they_are_read_again(
        minutes in 1..(1u64 << 60), hours in 1..(1u64 << 24), days in 1..(1u64 << 31),
        months in 1..(1u64 << 12), weekdays in 1..(1u64 << 7),
    ) {
        let when = When {
            minutes: Set { kind: &MINUTE, bits: minutes },
            hours: Set { kind: &HOUR, bits: hours },
            days: Set { kind: &DAY, bits: days << 1 },
            months: Set { kind: &MONTH, bits: months << 1 },
            weekdays: Set { kind: &WEEKDAY, bits: weekdays },
        };
        prop_assert_eq!(When::parse(&when.cron()), Ok(when));
    }

    #[test]
    fn no_text_breaks_it_and_what_is_written_is_plain(text in "\\PC{0,40}|[0-9*,/a-z: -]{0,30}") {
        if let Ok(when) = When::parse(&text) {
            let plain = |c: char| c.is_ascii_digit() || " *,-".contains(c);
            prop_assert!(when.cron().chars().all(plain), "{}", when.cron());
        }
    }
}
