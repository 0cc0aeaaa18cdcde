//! Modules of httpd for other operating systems: their directives are known, and refused, as httpd on this one has none
//! of them.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// All of them.
pub const MODULES: &[Module] = &[MPM_NETWARE, MPM_OS2, MPM_WINNT, ISAPI, WIN32, PRIVILEGES, NETWARE, NW_SSL];

const NETWARE_WHY: &str = "belongs to httpd on NetWare; httpd on this system does not know it";

/// The process model on NetWare.
const MPM_NETWARE: Module = Module {
    name: "mpm_netware",
    identifier: "mpm_netware_module",
    file: "mpm_netware.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("MaxThreads", Contexts::GLOBAL, Arity::ONE, NETWARE_WHY),
        Row::refused("StartThreads", Contexts::GLOBAL, Arity::ONE, NETWARE_WHY),
    ],
};

/// The process model on OS/2: it has nothing of its own.
const MPM_OS2: Module = Module {
    name: "mpmt_os2",
    identifier: "mpm_mpmt_os2_module",
    file: "mpmt_os2.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[],
};

/// The process model on Windows: it has nothing of its own.
const MPM_WINNT: Module = Module {
    name: "mpm_winnt",
    identifier: "mpm_winnt_module",
    file: "mpm_winnt.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[],
};

const ISAPI_WHY: &str = "belongs to httpd on Windows; httpd on this system does not know it";

/// ISAPI extensions, on Windows.
const ISAPI: Module = Module {
    name: "mod_isapi",
    identifier: "isapi_module",
    file: "mod_isapi.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("ISAPIAppendLogToErrors", Contexts::FILE_INFO, Arity::Flag, ISAPI_WHY),
        Row::refused("ISAPIAppendLogToQuery", Contexts::FILE_INFO, Arity::Flag, ISAPI_WHY),
        Row::refused("ISAPICacheFile", Contexts::SERVER, Arity::Many, ISAPI_WHY),
        Row::refused("ISAPIFakeAsync", Contexts::FILE_INFO, Arity::Flag, ISAPI_WHY),
        Row::refused("ISAPILogNotSupported", Contexts::FILE_INFO, Arity::Flag, ISAPI_WHY),
        Row::refused("ISAPIReadAheadBuffer", Contexts::FILE_INFO, Arity::ONE, ISAPI_WHY),
    ],
};

/// Interpreters of scripts, on Windows.
const WIN32: Module = Module {
    name: "mod_win32",
    identifier: "win32_module",
    file: "mod_win32.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "ScriptInterpreterSource",
        Contexts::FILE_INFO,
        Arity::ONE,
        "belongs to httpd on Windows; httpd on this system does not know it",
    )],
};

const PRIVILEGES_WHY: &str = "belongs to httpd on Solaris; use User, Group and systemd's sandboxing";

/// Privileges of processes, on Solaris.
const PRIVILEGES: Module = Module {
    name: "mod_privileges",
    identifier: "privileges_module",
    file: "mod_privileges.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("DTracePrivileges", Contexts::GLOBAL, Arity::Flag, PRIVILEGES_WHY),
        Row::refused("PrivilegesMode", Contexts::CONFIG, Arity::ONE, PRIVILEGES_WHY),
        Row::refused("VHostCGIMode", Contexts::SERVER, Arity::ONE, PRIVILEGES_WHY),
        Row::refused("VHostCGIPrivs", Contexts::SERVER, Arity::Many, PRIVILEGES_WHY),
        Row::refused("VHostGroup", Contexts::SERVER, Arity::ONE, PRIVILEGES_WHY),
        Row::refused("VHostPrivs", Contexts::SERVER, Arity::Many, PRIVILEGES_WHY),
        Row::refused("VHostSecure", Contexts::SERVER, Arity::Flag, PRIVILEGES_WHY),
        Row::refused("VHostUser", Contexts::SERVER, Arity::ONE, PRIVILEGES_WHY),
    ],
};

/// Scripts, on NetWare.
const NETWARE: Module = Module {
    name: "mod_netware",
    identifier: "netware_module",
    file: "mod_netware.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "CGIMapExtension",
        Contexts::FILE_INFO,
        Arity::Between(2, 3),
        "belongs to httpd on NetWare; httpd on this system does not know it",
    )],
};

const NW_SSL_WHY: &str = "belongs to httpd on NetWare; use Listen and SSLEngine";

/// TLS, on NetWare.
const NW_SSL: Module = Module {
    name: "mod_nw_ssl",
    identifier: "nwssl_module",
    file: "mod_nw_ssl.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("NWSSLTrustedCerts", Contexts::SERVER, Arity::Many, NW_SSL_WHY),
        Row::refused("NWSSLUpgradeable", Contexts::GLOBAL, Arity::Between(2, 2), NW_SSL_WHY),
        Row::refused("SecureListen", Contexts::GLOBAL, Arity::Between(2, 3), NW_SSL_WHY),
    ],
};
