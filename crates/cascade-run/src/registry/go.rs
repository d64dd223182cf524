//! Go module proxies: the `.mod` and the `.zip` of a version.

use cascade_manifest::Fallback;
use cascade_plan::path_pattern;

use super::http::Unheard;
use super::login::{netrc, split};
use super::{Lasts, Reach, address, folder_of, unheard};

/// Returns a file of a module's version.
pub(super) fn file(
    reach: &Reach<'_>,
    (module, version): (&str, &str),
    kind: &str,
) -> Result<Vec<u8>, Fallback> {
    if is_private(reach, module) {
        return Err(Fallback::because(format!(
            "`{module}` is private, so no proxy is asked for it"
        )));
    }
    let proxies = setting(reach, "GOPROXY")
        .ok_or_else(|| Fallback::because(format!("no setting says which proxy has `{module}`")))?;
    let (module, version) = (escaped(module), escaped(version));
    let mut last = Fallback::because("GOPROXY names no proxy");
    for (proxy, end) in parts(&proxies) {
        match proxy {
            "off" => return Err(Fallback::because("GOPROXY is `off`")),
            "direct" => {
                return Err(Fallback::because(
                    "GOPROXY says `direct`, so the module comes from version control",
                ));
            }
            proxy => match ask(reach, proxy, &format!("{module}/@v/{version}.{kind}"))? {
                Ok(bytes) => return Ok(bytes),
                // After a comma the next one is asked only where this one has none.
                Err((error, fallback)) if end == ',' && error != Unheard::Absent => {
                    return Err(fallback);
                }
                Err((_, fallback)) => last = fallback,
            },
        }
    }
    Err(last)
}

type Answer = Result<Vec<u8>, (Unheard, Fallback)>;

fn ask(reach: &Reach<'_>, proxy: &str, path: &str) -> Result<Answer, Fallback> {
    let (base, login) = split(folder_of(address(proxy)?));
    let at = base.join(path);
    let at = at.map_err(|_| Fallback::because("the name of a module is no name"))?;
    let login = login.or_else(|| netrc(reach, &base));
    let served = reach.get(&at, ("*/*", login.as_ref()), Lasts::TheRun);
    Ok(match served {
        Ok(served) => Ok(served.body.clone()),
        Err(error) => {
            let told = unheard(&at, &format!("`{path}`"), &error);
            Err((error, told))
        }
    })
}

/// Returns a setting of go: the variable, else what go says, which reads its file of settings too.
pub(super) fn setting(reach: &Reach<'_>, name: &str) -> Option<String> {
    let said = reach.var(name).map(str::to_owned);
    said.or_else(|| reach.tool_says(&["go", "env", name]))
}

pub(super) fn is_private(reach: &Reach<'_>, module: &str) -> bool {
    let patterns = setting(reach, "GONOPROXY").or_else(|| setting(reach, "GOPRIVATE"));
    let patterns = patterns.unwrap_or_default();
    let mut all = patterns
        .split(',')
        .filter(|it| !it.is_empty() && *it != "none");
    all.any(|it| is_below(it, module))
}

/// Returns whether a module is at or below a pattern: its first components match by glob.
pub(super) fn is_below(pattern: &str, module: &str) -> bool {
    let count = pattern.split('/').count();
    let first: Vec<&str> = module.split('/').take(count).collect();
    first.len() == count && path_pattern(pattern).is_ok_and(|it| it.is_match(first.join("/")))
}

/// Returns the proxies of a list, each with the sign that follows it.
pub(super) fn parts(list: &str) -> impl Iterator<Item = (&str, char)> {
    list.split_inclusive([',', '|']).filter_map(|it| {
        let end = if it.ends_with('|') { '|' } else { ',' };
        let proxy = it.trim_end_matches([',', '|']).trim();
        (!proxy.is_empty()).then_some((proxy, end))
    })
}

/// Returns a path as proxies spell it: a capital letter is `!` and the small one.
pub(super) fn escaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_uppercase() {
            all.push('!');
        }
        all.push(letter.to_ascii_lowercase());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_is_escaped() {
        assert_eq!(escaped("forge.example/Own/core"), "forge.example/!own/core");
    }

    #[test]
    fn a_list_of_proxies_says_when_the_next_is_asked() {
        let found: Vec<_> = parts("https://a.example|https://b.example,direct").collect();
        assert_eq!(
            found,
            [
                ("https://a.example", '|'),
                ("https://b.example", ','),
                ("direct", ',')
            ]
        );
    }

    #[test]
    fn a_pattern_is_matched_by_components() {
        assert!(is_below("forge.example/own", "forge.example/own/core"));
        assert!(is_below("*.example", "forge.example/own"));
        assert!(!is_below("forge.example/own", "forge.example/owner"));
        assert!(!is_below("forge.example/own/core", "forge.example/own"));
    }
}
