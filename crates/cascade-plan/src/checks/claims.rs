//! The rules about claims: what a package says it runs with is what its workflows run it with.

mod claim_unmade;
mod claim_untested;
mod claims_of;
mod matrix_number;
mod tested;
#[cfg(test)]
mod tests;

use super::Check;

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &claim_unmade::CHECK,
    &claim_untested::CHECK,
    &matrix_number::CHECK,
];
