//! Expressions of SPDX: `MIT OR Apache-2.0`, compared part by part and never as text.

use std::fmt;

use spdx::{Expression, LicenseReq, Licensee, ParseMode};

/// The longest expression that is read.
const LONGEST: usize = 4 << 10;

/// How expressions of others are read: what was in use before a name was replaced still is, what is no
/// name of SPDX's list is none.
const READ: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// An expression of SPDX.
#[derive(Debug, Clone)]
pub struct LicenseExpression(Expression);

/// One licence, perhaps with an exception, as it is allowed or denied: `Apache-2.0 WITH
/// LLVM-exception`, `LicenseRef-ours`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseName(Licensee);

/// What becomes of an expression by what is allowed and denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It can be met with what is allowed.
    Allowed,
    /// Whatever way it is met, something denied is among it: this.
    Denied(String),
    /// It can not be met with what is allowed, and nothing of what is missing is denied: this is missing.
    Unlisted(String),
}

impl LicenseExpression {
    /// Reads an expression.
    ///
    /// # Errors
    /// With what is wrong with it, in a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let read = Expression::parse_mode(text, READ);
        read.map(Self).map_err(|it| it.reason.to_string())
    }

    /// Returns the names of its licences, without exceptions and `-or-later`: `GPL-3.0`, `MIT`.
    pub fn names(&self) -> Vec<String> {
        let names = self.0.requirements();
        names.map(|it| base(&it.req)).collect()
    }

    /// Judges it by what is allowed and what is denied. Where nothing is allowed by name, all that is
    /// not denied is allowed.
    pub fn judge(&self, allowed: &[LicenseName], denied: &[LicenseName]) -> Verdict {
        let is_denied = |req: &LicenseReq| denied.iter().any(|it| it.is(req));
        let is_listed = |req: &LicenseReq| {
            let named = allowed.iter().any(|it| it.is(req) || it.0.satisfies(req));
            (named || allowed.is_empty()) && !is_denied(req)
        };
        let Err(failed) = self.0.evaluate_with_failures(is_listed) else {
            return Verdict::Allowed;
        };
        let told = failed
            .first()
            .map_or_else(String::new, |it| it.req.to_string());
        if self.0.evaluate(|req| !is_denied(req)) {
            return Verdict::Unlisted(told);
        }
        let denied = failed.iter().find(|it| is_denied(&it.req));
        Verdict::Denied(denied.map_or(told, |it| it.req.to_string()))
    }
}

impl fmt::Display for LicenseExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl LicenseName {
    /// Returns whether it names this licence in this version, whatever is said of later ones.
    fn is(&self, req: &LicenseReq) -> bool {
        let own = self.0.clone().into_req();
        base(&own) == base(req) && own.addition == req.addition
    }
}

/// Returns the name of a licence without what it adds.
fn base(req: &LicenseReq) -> String {
    let name = req.license.to_string();
    let name = name.trim_end_matches('+');
    let name = name.strip_suffix("-or-later").unwrap_or(name);
    name.strip_suffix("-only").unwrap_or(name).to_owned()
}

impl LicenseName {
    /// Reads a name: of SPDX's list, perhaps `WITH` an exception, or a `LicenseRef-`.
    ///
    /// # Errors
    /// With what is wrong with it, in a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let read = Licensee::parse_mode(text, READ);
        read.map(Self).map_err(|it| it.reason.to_string())
    }
}

impl fmt::Display for LicenseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
