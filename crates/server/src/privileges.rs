//! Who requests are served as, where the server is started as root: User and Group.
//!
//! The main thread stays root: it loads configurations, opens ports, logs and keys, at the start and at each reload,
//! as httpd's parent does. Threads that touch what clients send give root up for good before they see the first byte.
//! Linux keeps credentials by thread, so that is what [`Identity::assume`] changes; the C library's calls would change
//! all threads at once.

use std::ffi::CString;
use std::io;

use nix::unistd::{Group, User, geteuid, getgrouplist};
use rustix::process::{Gid, Uid};
use rustix::thread;
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::modules::mpm;
use wsgate_directives::span::Span;

/// A user with its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    uid: Uid,
    gid: Gid,
    groups: Vec<Gid>,
}

impl Identity {
    /// The one that the configuration names, or what is wrong with it. Like httpd, without root there is nothing to
    /// give up, so names that this machine does not know are only worth a warning then.
    pub(crate) fn of(process: &mpm::ServerConf) -> Result<Option<Self>, Box<Diagnostic>> {
        let Some(user) = &process.user else { return Ok(None) };
        let blame = |span: Span, message: String| {
            let severity = if geteuid().is_root() { Severity::Error } else { Severity::Warning };
            let finding = Diagnostic::error("identity", span, message)
                .help("name a user and a group that this machine has, without special rights");
            Box::new(Diagnostic { severity, ..finding })
        };
        let found =
            find_user(user).ok_or_else(|| blame(user.span, format!("there is no user {}", user.value)))?;
        let gid = match &process.group {
            Some(group) => find_group(group)
                .ok_or_else(|| blame(group.span, format!("there is no group {}", group.value)))?,
            None => found.gid,
        };
        if found.uid.is_root() {
            return Err(blame(user.span, "requests are not served as root".to_owned()));
        }
        let name = CString::new(found.name).unwrap_or_default();
        let groups = getgrouplist(&name, gid);
        let groups =
            groups.map_err(|error| blame(user.span, format!("the groups of {}: {error}", user.value)))?;
        let raw = |gid: nix::unistd::Gid| Gid::from_raw(gid.as_raw());
        Ok(Some(Self {
            uid: Uid::from_raw(found.uid.as_raw()),
            gid: raw(gid),
            groups: groups.into_iter().map(raw).collect(),
        }))
    }

    /// Does something on a thread of this user's, in whose stead all threads that it starts are the user's, too.
    ///
    /// # Errors
    /// The work's own, or the thread cannot be made this user's; nothing was done then.
    pub(crate) fn within<T: Send>(
        identity: Option<&Self>,
        work: impl FnOnce() -> io::Result<T> + Send,
    ) -> io::Result<T> {
        let Some(identity) = identity else { return work() };
        let outcome =
            std::thread::scope(|scope| scope.spawn(|| identity.assume().and_then(|()| work())).join());
        outcome.unwrap_or_else(|_| Err(io::Error::other("a panic")))
    }

    /// Makes the calling thread, and those that it will start, this user's. There is no way back: no capability
    /// stays, and no program that is run can bring any.
    ///
    /// # Errors
    /// What the kernel says; the thread must not serve then.
    fn assume(&self) -> io::Result<()> {
        thread::set_thread_groups(&self.groups)?;
        thread::set_thread_res_gid(self.gid, self.gid, self.gid)?;
        thread::set_thread_res_uid(self.uid, self.uid, self.uid)?;
        thread::set_no_new_privs(true)?;
        Ok(())
    }
}

/// The user of a name, or of `#` and a number (`ap_uname2id`).
pub(crate) fn find_user(text: &str) -> Option<User> {
    match text.strip_prefix('#') {
        Some(number) => User::from_uid(number.parse::<u32>().ok()?.into()).ok()?,
        None => User::from_name(text).ok()?,
    }
}

/// The group of a name, or of `#` and a number, which needs no name (`ap_gname2id`).
pub(crate) fn find_group(text: &str) -> Option<nix::unistd::Gid> {
    match text.strip_prefix('#') {
        Some(number) => Some(number.parse::<u32>().ok()?.into()),
        None => Some(Group::from_name(text).ok()??.gid),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use wsgate_directives::config::Setting;
    use wsgate_directives::span::{Origin, SourceFile, Sources, Span};

    use super::*;

    fn process(user: &str, group: Option<&str>) -> mpm::ServerConf {
        let file = SourceFile { path: String::new(), text: [].into(), origin: Origin::Root };
        let span = Span { file: Sources::default().add(file), line: 1, column: 1, len: 1 };
        let set = |text: &str| Setting { value: text.to_owned(), span };
        mpm::ServerConf { user: Some(set(user)), group: group.map(set), ..mpm::ServerConf::default() }
    }

    #[test]
    fn names_and_numbers_mean_the_same() {
        let by_name = Identity::of(&process("nobody", None)).unwrap().unwrap();
        let number = format!("#{}", by_name.uid.as_raw());
        assert_eq!(Identity::of(&process(&number, None)).unwrap(), Some(by_name.clone()));
        let other = Identity::of(&process("nobody", Some("#12345"))).unwrap().unwrap();
        assert_eq!((other.uid, other.gid.as_raw()), (by_name.uid, 12345));
        assert!(other.groups.contains(&other.gid));
        assert_eq!(Identity::of(&mpm::ServerConf::default()).unwrap(), None);
    }

    #[test]
    fn who_does_not_exist_or_is_root_does_not_serve() {
        for (user, group) in [("no such user", None), ("nobody", Some("no such group")), ("root", None)] {
            assert!(Identity::of(&process(user, group)).is_err(), "{user} {group:?}");
        }
    }

    /// Needs root, as the whole matter does.
    #[test]
    fn one_thread_gives_root_up_and_the_others_do_not_notice() {
        if !geteuid().is_root() {
            return;
        }
        let identity = Identity::of(&process("nobody", None)).unwrap().unwrap();
        let uid = identity.uid.as_raw();
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("key");
        std::fs::write(&secret, "secret").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let path = secret.clone();
        let inside = std::thread::spawn(move || {
            identity.assume().unwrap();
            let child = std::thread::spawn(|| geteuid().as_raw()).join().unwrap();
            let back = thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).is_ok();
            (geteuid().as_raw(), child, std::fs::read(path).is_ok(), back)
        });
        assert_eq!(inside.join().unwrap(), (uid, uid, false, false));
        assert!(geteuid().is_root() && std::fs::read(secret).is_ok());
    }
}
