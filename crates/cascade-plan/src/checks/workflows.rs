//! The rules about workflows: what they use, what they may, and with what they publish.

mod action_unpinned;
pub(super) mod files;
mod publish_token;
#[cfg(test)]
mod tests;
mod workflow_permissions;
mod workflow_unreadable;

use super::Check;

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &action_unpinned::CHECK,
    &publish_token::CHECK,
    &workflow_permissions::CHECK,
    &workflow_unreadable::CHECK,
];
