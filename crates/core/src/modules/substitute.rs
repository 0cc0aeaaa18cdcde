//! mod_substitute: what becomes of a line.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::substitute::{From, Rule};
use wsgate_directives::regex::{MatchError, TooLong, substitute_within};

use crate::filters::Stage;
use crate::request::Request;

/// The rules for an answer.
#[derive(Clone, Debug)]
pub struct Substitutions {
    rules: Vec<Arc<Rule>>,
    /// The longest line, before and behind.
    pub max_line: usize,
}

/// Why a line cannot be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// It is, or becomes, longer than SubstituteMaxLineLength.
    TooLong,
    /// A pattern gave up.
    Undecided,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a line is longer than SubstituteMaxLineLength",
            Self::Undecided => "a pattern of Substitute could not be decided",
        })
    }
}

impl std::error::Error for LineError {}

impl std::convert::From<TooLong> for LineError {
    fn from(_: TooLong) -> Self {
        Self::TooLong
    }
}

impl std::convert::From<MatchError> for LineError {
    fn from(_: MatchError) -> Self {
        Self::Undecided
    }
}

/// `substitute_filter`: any answer.
pub(crate) fn output(request: &mut Request) -> Stage {
    request.answer_headers.remove("Content-Length");
    Stage::Substitute(Substitutions::of(&request.dir))
}

impl Substitutions {
    /// Those of these settings.
    pub fn of(dir: &DirConf) -> Self {
        let conf = &dir.substitute;
        Self { rules: conf.rules.clone(), max_line: conf.max_line() }
    }

    /// What becomes of a line; its newline belongs to it (`do_pattmatch`).
    ///
    /// # Errors
    /// It cannot be passed on.
    pub fn line(&self, line: &[u8]) -> Result<Vec<u8>, LineError> {
        let mut pieces = vec![line.to_vec()];
        for (index, rule) in self.rules.iter().enumerate() {
            // For the rules behind it, what a quick rule put in stands apart from what is around it.
            let quick = !rule.flatten && index + 1 < self.rules.len();
            let mut after = Vec::with_capacity(pieces.len());
            for piece in pieces {
                self.apply(rule, piece, quick, &mut after)?;
            }
            pieces = after;
        }
        Ok(pieces.concat())
    }

    fn apply(
        &self,
        rule: &Rule,
        piece: Vec<u8>,
        quick: bool,
        out: &mut Vec<Vec<u8>>,
    ) -> Result<(), LineError> {
        let search = Search::new(rule, &piece);
        let (mut made, mut at, mut length) = (Vec::new(), 0, 0);
        while let Some((found, with)) = search.next(at, self.max_line - length)? {
            let before = &piece[at..found.start];
            length += before.len() + with.len();
            if length > self.max_line || found.is_empty() && !with.is_empty() {
                // A match of nothing is found again and again until the line is full.
                return Err(LineError::TooLong);
            }
            if quick {
                out.extend([before.to_vec(), with].into_iter().filter(|text| !text.is_empty()));
            } else {
                made.extend_from_slice(before);
                made.extend(with);
            }
            at = found.end;
            if found.is_empty() {
                break;
            }
        }
        if at == 0 && made.is_empty() {
            out.push(piece);
        } else {
            made.extend_from_slice(&piece[at..]);
            out.push(made);
        }
        Ok(())
    }
}

/// A place in a piece, and what stands there then.
type Found = (Range<usize>, Vec<u8>);

/// Looks for a rule's text in a piece of a line.
struct Search<'a> {
    rule: &'a Rule,
    piece: &'a [u8],
    /// The piece in small letters, where letter case does not count.
    small: Vec<u8>,
}

impl<'a> Search<'a> {
    fn new(rule: &'a Rule, piece: &'a [u8]) -> Self {
        let small =
            if matches!(rule.from, From::Caseless(_)) { piece.to_ascii_lowercase() } else { Vec::new() };
        Self { rule, piece, small }
    }

    /// The first place behind `at`, and what stands there then. What is behind a match is a text of its own to a regular
    /// expression: `^` matches where it begins.
    fn next(&self, at: usize, room: usize) -> Result<Option<Found>, LineError> {
        let found = match &self.rule.from {
            From::Text(text) => memmem::find(&self.piece[at..], text).map(|start| (at + start, text.len())),
            From::Caseless(text) => {
                memmem::find(&self.small[at..], text).map(|start| (at + start, text.len()))
            }
            From::Regex(regex) => {
                let Some(captures) = regex.captures(&self.piece[at..])? else { return Ok(None) };
                let Some(Range { start, end }) = captures.range(0) else { return Ok(None) };
                let room = room.checked_sub(start).ok_or(LineError::TooLong)?;
                let with = substitute_within(&self.rule.to, &captures, room)?;
                // \K in a look-ahead puts the beginning behind the end.
                return Ok(Some((at + start..at + end.max(start), with)));
            }
        };
        Ok(found.map(|(start, length)| (start..start + length, self.rule.to.to_vec())))
    }
}

#[cfg(test)]
mod tests {
    use wsgate_directives::config::Merge;
    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use super::*;

    #[track_caller]
    fn check(lines: &str, from: &str, to: Result<&str, LineError>) {
        let files = MemoryFiles([("/c".to_owned(), lines.as_bytes().to_vec())].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        assert!(config.diagnostics.is_empty(), "{lines}: {:?}", config.diagnostics);
        let made = Substitutions::of(&config.main.base);
        let made = made.line(from.as_bytes()).map(|line| String::from_utf8(line).expect("text"));
        assert_eq!(made, to.map(str::to_owned), "{lines}");
    }

    #[test]
    fn lines() {
        check("Substitute s/o/0/", "foo boo\n", Ok("f00 b00\n"));
        check("Substitute s|(o+)|<$1>|", "foo\n", Ok("f<oo>\n"));
        check("Substitute s|o.|$0$0|n", "o.a\n", Ok("$0$0a\n"));
        check("Substitute s|FOO|x|ni", "fooFoO\n", Ok("xx\n"));
        check("Substitute s|FOO|x|i", "fooFoO\n", Ok("xx\n"));
        check("Substitute s/a/b", "aa\n", Ok("bb\n"));
        check("Substitute s/a//", "aba\n", Ok("b\n"));
        check("Substitute s/a/b/\nSubstitute s/b/c/", "ab\n", Ok("cc\n"));
    }

    #[test]
    fn what_stands_behind_a_match_is_a_text_of_its_own() {
        check("Substitute s/^a/b/", "aaba\n", Ok("bbba\n"));
    }

    #[test]
    fn a_newline_is_no_character() {
        check("Substitute s/d$/D/", "d\n", Ok("d\n"));
        check("Substitute s/a.*/x/", "ab\n", Ok("x\n"));
    }

    #[test]
    fn a_quick_rule_keeps_what_it_puts_in_apart() {
        let rules = |flag: &str| format!("Substitute s/ab/x/{flag}\nSubstitute s/xx/Y/");
        check(&rules("f"), "ababxab\n", Ok("YY\n"));
        check(&rules("q"), "ababxab\n", Ok("xxxx\n"));
    }

    #[test]
    fn lines_are_bounded() {
        let bound = "SubstituteMaxLineLength 8\n";
        check(&format!("{bound}Substitute s/a/bbbb/n"), "aa", Ok("bbbbbbbb"));
        check(&format!("{bound}Substitute s/a/bbbb/n"), "aaa", Err(LineError::TooLong));
        check(&format!("{bound}Substitute s/a/bbbb/"), "aaa", Err(LineError::TooLong));
        check("Substitute s/x*/y/", "a", Err(LineError::TooLong));
        check("Substitute s/x*//", "axx", Ok("axx"));
    }

    #[test]
    fn inherited_rules_come_last_unless_asked_for_first() {
        let lines =
            |more: &str| format!("Substitute s/a/b/\n{more}<Location />\nSubstitute s/b/c/\n</Location>");
        for (more, made) in [("", "b"), ("SubstituteInheritBefore On\n", "c")] {
            let files = MemoryFiles([("/c".to_owned(), lines(more).into_bytes())].into());
            let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
            let rules = Substitutions::of(&Merge::merge(&config.main.base, &config.main.locations[0].conf));
            assert_eq!(rules.line(b"a").expect("short"), made.as_bytes(), "{more}");
        }
    }
}
