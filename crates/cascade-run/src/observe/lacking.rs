//! What a clone for reports lacks: which files are needed is only known by reading.

use std::collections::BTreeSet;
use std::path::Path;

use cascade_plan::{Oid, RepoDeclaration, Trouble};

use super::{Depth, Family, Look, add_locks, read_clone};
use crate::checkout::{Absent, is_bare, is_kept};

/// Returns the objects that a clone for reports lacks for being looked at so in these depths, as far as reading
/// tells without them: what stands behind those is asked for once they are there.
///
/// # Errors
/// When it can not be read.
pub(crate) fn lacking(
    declared: &RepoDeclaration,
    folder: &Path,
    (look, depths): (&Look, &[Depth]),
) -> Result<BTreeSet<Oid>, Trouble> {
    let absent = Absent::default();
    let mut read = Ok(());
    for depth in depths {
        let seen = read_clone(declared, folder, look, (*depth, &absent));
        let usual = (&look.reading, &absent);
        let whole = seen.and_then(|mut it| add_locks(folder, usual, &Family::default(), &mut it));
        read = read.and(whole);
    }
    let ids = absent.taken();
    // What lacks something may fail over it.
    if ids.is_empty() {
        read.map(|()| ids)
    } else {
        Ok(ids)
    }
}

/// Returns what was read, unless something of it is not there in a clone that a fetch would mend.
pub(super) fn whole<T>(
    read: Result<T, Trouble>,
    folder: &Path,
    absent: &Absent,
) -> Result<T, Trouble> {
    match (read, absent.count()) {
        (Err(Trouble::Unreadable(why)), 0) if is_bare(folder) && is_kept(folder) => {
            Err(Trouble::Unfetched(why))
        }
        (read, 0) => read,
        (_, 1) => Err(Trouble::Unfetched("an object was not fetched".to_owned())),
        (_, many) => {
            let why = format!("{many} objects were not fetched");
            Err(Trouble::Unfetched(why))
        }
    }
}
