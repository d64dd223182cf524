//! The rules about what a workspace allows: uploads, protected paths, freezes, modes and branches.

mod branch_forbidden;
mod direct_upload;
mod frozen;
mod mode_forbidden;
pub(crate) mod protected_path_changed;

use super::Check;

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &branch_forbidden::CHECK,
    &direct_upload::CHECK,
    &frozen::CHECK,
    &mode_forbidden::CHECK,
    &protected_path_changed::CHECK,
];
