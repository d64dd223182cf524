//! A file that one process of this machine has to itself.

use std::fs::{File, TryLockError};
use std::ops::{Deref, DerefMut};

/// A locked file, free again when the value drops.
///
/// Closing a file frees its lock only with its last copy, and a child that is just being started
/// has one until its program runs: so the lock is given back by name.
#[derive(Debug)]
pub(crate) struct Locked(File);

impl Locked {
    /// Returns a file, locked.
    ///
    /// # Errors
    /// When somebody else has it, or the system says no: with the file as it was.
    pub(crate) fn take(file: File) -> Result<Self, (TryLockError, File)> {
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(why) => Err((why, file)),
        }
    }
}

impl Deref for Locked {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Where the system says no, closing it frees it.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_file_keeps_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let open = || {
            let mut options = File::options();
            options.create(true).truncate(false).write(true).open(&path)
        };
        let held = Locked::take(open().unwrap()).unwrap();
        // As a child has it between its start and its program.
        let copy = held.try_clone().unwrap();
        assert!(Locked::take(open().unwrap()).is_err());
        drop(held);
        assert!(Locked::take(open().unwrap()).is_ok());
        drop(copy);
    }
}
