//! Arguments of lines that are read and not acted on: what httpd refuses in them is refused here, too.

use crate::interpret::{Outcome, Problem};
use crate::values::{atoi, one_of};
use crate::words::Arg;

/// SSLSessionCache: `none`, `nonenotnull`, or a cache (`ssl_cmd_SSLSessionCache`).
pub(super) fn session_cache(arg: &Arg) -> Outcome {
    if arg.is("none") || arg.is("nonenotnull") { Ok(()) } else { shared_cache(arg) }
}

/// A cache of `mod_socache_*` and its argument: the path of a `shmcb`, with a size in parentheses
/// (`socache_shmcb_create`).
pub(super) fn shared_cache(arg: &Arg) -> Outcome {
    let (provider, rest) = arg.text()?.split_once(':').unwrap_or((arg.text()?, ""));
    match provider {
        "shmcb" => shmcb(arg, rest),
        "default" | "dbm" | "dc" | "memcache" | "redis" => Ok(()),
        _ => Err(Problem::at(arg, format!("{provider} is no kind of cache"))
            .help("write shmcb:/path/of.cache(512000)")),
    }
}

fn shmcb(arg: &Arg, rest: &str) -> Outcome {
    let Some((_, size)) = rest.split_once('(') else { return Ok(()) };
    let Some(size) = size.strip_suffix(')') else {
        return Err(Problem::at(arg, "the cache's size wants a closing parenthesis"));
    };
    if !size.bytes().all(|byte| byte.is_ascii_digit()) || atoi(size.as_bytes()) < 8192 {
        return Err(Problem::at(arg, "the cache's size must be a number of 8192 bytes at least"));
    }
    Ok(())
}

/// SSLRandomSeed: when, from where, how much (`ssl_cmd_SSLRandomSeed`).
pub(super) fn random_seed(words: &[Arg]) -> Outcome {
    let [when, source, size @ ..] = words else { return Ok(()) };
    one_of(when, &["startup", "connect"])?;
    let text = source.text()?;
    let kind = text.split_once(':').map_or(text, |(kind, _)| kind);
    if kind == "builtin" && !size.is_empty() {
        return Err(Problem::at(&size[0], "a builtin seed has no size"));
    }
    match size {
        [size] if atoi(size.as_bytes()) <= 0 => Err(Problem::at(size, "the seed's size must be a number")),
        _ => Ok(()),
    }
}

/// SSLPassPhraseDialog: `builtin`, `|program` or `exec:program` (`ssl_cmd_SSLPassPhraseDialog`).
pub(super) fn pass_phrase_dialog(arg: &Arg) -> Outcome {
    let text = arg.text()?;
    let program = text.strip_prefix("exec:").or(text.strip_prefix('|'));
    match program {
        _ if text == "builtin" => Ok(()),
        Some(program) if program.len() > 1 => Ok(()),
        _ => Err(Problem::at(arg, "SSLPassPhraseDialog is builtin, |program or exec:program")),
    }
}
