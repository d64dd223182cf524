//! Paths of the file: relative, inside, and the same on every system.

use super::fault::DeclareError;

const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Whether a path may climb out of the folder it starts in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Climb {
    /// It stays below.
    Never,
    /// It may start with `..`: a workspace file in a folder beside the clones.
    AtTheStart,
}

/// Returns the path with `/`, without `./` and a trailing `/`; `.` for the folder itself.
pub(super) fn inside(path: &str, climb: Climb) -> Result<String, DeclareError> {
    let refuse = |why: &str| DeclareError::new(format!("the path `{}` {why}", shown(path)));
    if path.is_empty() {
        return Err(DeclareError::new("the path is empty").help("write `.` for the folder itself"));
    }
    if path.chars().any(char::is_control) {
        return Err(refuse("holds a control character"));
    }
    if path.contains('\\') {
        return Err(refuse("holds a backslash").help("write `/` between folders, on every system"));
    }
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || drive {
        return Err(refuse("is absolute").help("paths are relative to the workspace's root"));
    }
    if path.starts_with('~') {
        return Err(refuse("starts with `~`").help("paths are relative to the workspace's root"));
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|it| !matches!(*it, "" | ".")) {
        if part == ".." && (climb == Climb::Never || parts.iter().any(|it| *it != "..")) {
            return Err(refuse("leaves its folder")
                .help("`..` can not stand in a path; `root` in `[workspace]` may start with it"));
        }
        if let Some(why) = odd_part(part) {
            return Err(refuse(why));
        }
        parts.push(part);
    }
    Ok(match parts.as_slice() {
        [] => ".".to_owned(),
        parts => parts.join("/"),
    })
}

fn odd_part(part: &str) -> Option<&'static str> {
    let lower = part.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default().trim_end();
    let numbered = (stem.starts_with("com") || stem.starts_with("lpt"))
        && stem.len() == 4
        && stem.ends_with(|c: char| c.is_ascii_digit());
    if lower.trim_end_matches(['.', ' ']) == ".git" {
        return Some("goes through `.git`");
    }
    (numbered || DEVICES.contains(&stem)).then_some("names a device of Windows")
}

fn shown(path: &str) -> String {
    path.chars().take(80).flat_map(char::escape_debug).collect()
}
