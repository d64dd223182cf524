//! Licences: expressions of SPDX, and the texts that stand behind them.

mod expression;
#[cfg(test)]
mod tests;
mod text;

pub use expression::{LicenseExpression, LicenseName, Verdict};
pub use text::recognized;
