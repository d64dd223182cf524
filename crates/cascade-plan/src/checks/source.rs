//! The rules about where versions come from: placeholders, git, fallbacks, and what publishes them.

mod dynamic_undeclared;
mod placeholder_overwritten;
mod publish_not_injected;
mod publish_permission;
mod publish_trigger;
mod publishing;
mod runtime_fallback;

use super::Check;

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &dynamic_undeclared::CHECK,
    &placeholder_overwritten::CHECK,
    &publish_not_injected::CHECK,
    &publish_permission::CHECK,
    &publish_trigger::CHECK,
    &runtime_fallback::CHECK,
];

#[cfg(test)]
mod tests;
