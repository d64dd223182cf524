//! The base score of a CVSS 3 vector, by the formula of its specification.

/// Returns the score of a vector; `None` where it is none of version 3.
pub(super) fn score(vector: &str) -> Option<f64> {
    let metrics = vector
        .strip_prefix("CVSS:3.1/")
        .or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    let of = |name: &str| {
        metrics
            .split('/')
            .find_map(|it| it.strip_prefix(name)?.strip_prefix(':'))
    };
    let scope = of("S")?;
    let changed = scope == "C";
    let loss = |name: &str| match of(name)? {
        "H" => Some(0.56),
        "L" => Some(0.22),
        "N" => Some(0.0),
        _ => None,
    };
    let kept: f64 = [loss("C")?, loss("I")?, loss("A")?]
        .iter()
        .map(|it| 1.0 - it)
        .product();
    let risk = 1.0 - kept;
    let impact = if changed {
        7.52 * (risk - 0.029) - 3.25 * (risk - 0.02).powi(15)
    } else {
        6.42 * risk
    };
    let reached = 8.22 * reach(of("AV")?)? * effort(of("AC")?)? * rights(of("PR")?, scope)?;
    let reached = reached * if of("UI")? == "R" { 0.62 } else { 0.85 };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let whole = (impact + reached) * if changed { 1.08 } else { 1.0 };
    Some(rounded_up(whole.min(10.0)))
}

fn reach(word: &str) -> Option<f64> {
    Some(match word {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => return None,
    })
}

fn effort(word: &str) -> Option<f64> {
    Some(match word {
        "L" => 0.77,
        "H" => 0.44,
        _ => return None,
    })
}

fn rights(word: &str, scope: &str) -> Option<f64> {
    Some(match (word, scope) {
        ("N", _) => 0.85,
        ("L", "U") => 0.62,
        ("L", "C") => 0.68,
        ("H", "U") => 0.27,
        ("H", "C") => 0.5,
        _ => return None,
    })
}

/// Rounds up to one digit, but for what is only noise of the arithmetic.
fn rounded_up(value: f64) -> f64 {
    (value * 10.0 - 1e-4).ceil() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_specification() {
        for (vector, want) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Some(7.5)),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(9.8)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some(10.0)),
            ("CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:N", Some(2.2)),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(6.1)),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", Some(0.0)),
            ("CVSS:3.1/AV:N", None),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H", None),
            ("", None),
        ] {
            assert_eq!(score(vector), want, "{vector}");
        }
    }
}
