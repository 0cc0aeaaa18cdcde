//! Conditions and words out of tokens: httpd's grammar by recursive descent.
//!
//! `||` binds weaker than `&&`, that weaker than `!`, that weaker than comparisons, and those weaker than `.`. The
//! next token always decides, so nothing is tried twice; depth is bounded, and so is the stack.

use nom::IResult;
use nom::bytes::complete::{tag, take_till};
use nom::combinator::opt;

use super::token::{Token, blanks, token};
use super::vocabulary::{self, Binary, Unary};
use super::{Condition, Error, Expr, Facility, List, Need, Problem, Trust, Word};
use crate::regex::{Options, Regex};
use crate::subnet::Subnet;

/// Parentheses, calls and variables inside each other; httpd's evaluation gives up at 20.
const DEPTH_MAX: usize = 100;

/// A string part or pattern has to be shorter (MAX_STRING_LEN).
pub(super) const PART_MAX: usize = 8192;

pub(super) type Parsed<'s, T> = IResult<&'s [u8], T, Fault>;

/// A problem, and how much of the expression was left where it was found.
#[derive(Debug)]
pub(super) struct Fault {
    left: usize,
    problem: Problem,
}

impl<'s> nom::error::ParseError<&'s [u8]> for Fault {
    fn from_error_kind(input: &'s [u8], _: nom::error::ErrorKind) -> Self {
        let found = String::from_utf8_lossy(&input[..input.len().min(1)]).into_owned();
        Self { left: input.len(), problem: Problem::Unexpected { found, expected: "something else" } }
    }

    fn append(_: &'s [u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

pub(super) fn fail<T>(at: &[u8], problem: Problem) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Fault { left: at.len(), problem }))
}

pub(super) fn condition(source: &[u8], trust: Trust) -> Result<Expr<Condition>, Error> {
    let mut parser = Parser::new(source, trust);
    let root = parser.any(source).and_then(|(rest, root)| match token(rest)? {
        (_, Token::End) => Ok((rest, root)),
        _ => unexpected(rest, "`&&`, `||` or the end"),
    });
    parser.finish(root)
}

pub(super) fn string(source: &[u8], trust: Trust) -> Result<Expr<Word>, Error> {
    let mut parser = Parser::new(source, trust);
    let root = parser.text(source, super::strings::Delimiter::End);
    parser.finish(root)
}

pub(super) struct Parser {
    total: usize,
    trust: Trust,
    depth: usize,
    needs: Vec<Need>,
}

impl Parser {
    fn new(source: &[u8], trust: Trust) -> Self {
        Self { total: source.len(), trust, depth: 0, needs: Vec::new() }
    }

    fn finish<T>(self, parsed: Parsed<'_, T>) -> Result<Expr<T>, Error> {
        match parsed {
            Ok((_, root)) => Ok(Expr { root, needs: self.needs }),
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                Err(Error { offset: self.total - fault.left, problem: fault.problem })
            }
            // Parsers of complete input do not ask for more.
            Err(nom::Err::Incomplete(_)) => {
                Err(Error { offset: self.total, problem: Problem::Unterminated("expression") })
            }
        }
    }

    /// Keeps what something at this place needs.
    pub(super) fn need(&mut self, at: &[u8], name: &'static str, facility: Option<Facility>) {
        if let Some(facility) = facility {
            self.needs.push(Need { offset: self.total - at.len(), name, facility });
        }
    }

    /// Runs one level deeper.
    pub(super) fn nested<'s, T>(
        &mut self,
        at: &'s [u8],
        inner: impl FnOnce(&mut Self) -> Parsed<'s, T>,
    ) -> Parsed<'s, T> {
        if self.depth == DEPTH_MAX {
            return fail(at, Problem::TooDeep);
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn any<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, Condition> {
        let (rest, operands) = separated(input, Token::Or, |input| self.all(input))?;
        Ok((rest, one_or(operands, Condition::Any)))
    }

    fn all<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, Condition> {
        let (rest, operands) = separated(input, Token::And, |input| self.negation(input))?;
        Ok((rest, one_or(operands, Condition::All)))
    }

    /// Any number of `!`; two of them are none.
    fn negation<'s>(&mut self, mut input: &'s [u8]) -> Parsed<'s, Condition> {
        let mut negated = false;
        while let (rest, Token::Not) = token(input)? {
            negated = !negated;
            input = rest;
        }
        let (rest, condition) = self.comparison(input)?;
        Ok((rest, if negated { not(condition) } else { condition }))
    }

    fn comparison<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, Condition> {
        let (rest, first) = token(input)?;
        match first {
            Token::True => Ok((rest, Condition::Constant(true))),
            Token::False => Ok((rest, Condition::Constant(false))),
            Token::Open => {
                let (rest, condition) = self.nested(input, |parser| parser.any(rest))?;
                let (rest, ()) = expect(rest, Token::Close, "`)`, `&&` or `||`")?;
                Ok((rest, condition))
            }
            Token::Unary(name) => self.unary(input, name, rest),
            _ => {
                let (rest, left) = self.word(input, "a condition")?;
                self.operator(left, rest)
            }
        }
    }

    fn unary<'s>(&mut self, input: &'s [u8], name: &[u8], rest: &'s [u8]) -> Parsed<'s, Condition> {
        let (at, _) = blanks(input)?;
        let (argument, _) = blanks(rest)?;
        let (rest, word) = self.word(rest, "a word")?;
        let Some((name, operator, facility)) = vocabulary::unary(name) else {
            return fail(at, unknown("unary operator", name));
        };
        self.need(at, name, *facility);
        let condition = match operator {
            Unary::Empty => Condition::Empty(word),
            Unary::NotEmpty => not(Condition::Empty(word)),
            Unary::True => Condition::True(word),
            Unary::Client => Condition::ClientIn(subnet(argument, &word)?),
            Unary::File(test) => Condition::File(*test, word),
            Unary::Subrequest(kind) => Condition::Subrequest(*kind, word),
        };
        Ok((rest, condition))
    }

    fn operator<'s>(&mut self, left: Word, input: &'s [u8]) -> Parsed<'s, Condition> {
        let (rest, operator) = token(input)?;
        match operator {
            Token::Compare(comparison) => {
                let (rest, right) = self.word(rest, "a word")?;
                Ok((rest, Condition::Compare { left, comparison, right }))
            }
            Token::In => {
                let (rest, list) = self.list(rest)?;
                Ok((rest, Condition::In { needle: left, list }))
            }
            Token::Matches => {
                let (rest, regex) = regex(rest)?;
                Ok((rest, Condition::Matches(left, regex)))
            }
            Token::MatchesNot => {
                let (rest, regex) = regex(rest)?;
                Ok((rest, not(Condition::Matches(left, regex))))
            }
            Token::Binary(name) => {
                let (at, _) = blanks(input)?;
                let (argument, _) = blanks(rest)?;
                let (rest, right) = self.word(rest, "a word")?;
                match vocabulary::binary(name) {
                    Some((_, Binary::Address, _)) => {
                        Ok((rest, Condition::AddressIn(left, subnet(argument, &right)?)))
                    }
                    Some((_, Binary::Glob(rule), _)) => {
                        Ok((rest, Condition::Glob { subject: left, rule: *rule, pattern: right }))
                    }
                    None => fail(at, unknown("binary operator", name)),
                }
            }
            _ => unexpected(input, "an operator"),
        }
    }

    fn list<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, List> {
        match token(input)? {
            (rest, Token::OpenList) => {
                let (rest, words) = separated(rest, Token::Comma, |input| self.word(input, "a word"))?;
                let (rest, ()) = expect(rest, Token::CloseList, "`,` or `}`")?;
                Ok((rest, List::Words(words)))
            }
            (rest, Token::Name(name)) => {
                let (at, _) = blanks(input)?;
                let (rest, word) = self.argument(rest)?;
                let Some((name, (), facility)) = vocabulary::list(name) else {
                    return fail(at, unknown("list function", name));
                };
                self.need(at, name, *facility);
                Ok((rest, List::PeerExtensions(word)))
            }
            _ => unexpected(input, "`{` or a list function"),
        }
    }

    /// Words joined by dots; `expected` says what may stand here beside a word.
    fn word<'s>(&mut self, input: &'s [u8], expected: &'static str) -> Parsed<'s, Word> {
        let (rest, parts) = separated(input, Token::Dot, |input| self.part(input, expected))?;
        Ok((rest, one_or(parts, Word::Concat)))
    }

    fn part<'s>(&mut self, input: &'s [u8], expected: &'static str) -> Parsed<'s, Word> {
        let (rest, first) = token(input)?;
        match first {
            Token::Digits(digits) => Ok((rest, Word::Digits(digits.to_vec()))),
            Token::Quote(quote) => self.text(rest, super::strings::Delimiter::Quote(quote)),
            Token::Variable => self.variable(rest),
            Token::Backref(group) => Ok((rest, Word::Backref(group))),
            Token::Name(name) => {
                let (at, _) = blanks(input)?;
                let (rest, word) = self.argument(rest)?;
                self.call(at, name, word).map(|call| (rest, call))
            }
            _ => unexpected(input, expected),
        }
    }

    /// The call of a function whose name stands at `at`.
    pub(super) fn call(&mut self, at: &[u8], name: &[u8], argument: Word) -> Result<Word, nom::Err<Fault>> {
        let failed = |problem| Err(nom::Err::Failure(Fault { left: at.len(), problem }));
        let Some((name, function, facility)) = vocabulary::function(name) else {
            return failed(unknown("function", name));
        };
        if self.trust == Trust::Htaccess && *facility == Some(Facility::FileContent) {
            return failed(Problem::Restricted(name));
        }
        self.need(at, name, *facility);
        Ok(Word::Call(*function, Box::new(argument)))
    }

    fn argument<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, Word> {
        let (rest, ()) = expect(input, Token::Open, "`(` and an argument")?;
        let (rest, word) = self.nested(input, |parser| parser.word(rest, "a word"))?;
        let (rest, ()) = expect(rest, Token::Close, "`.` or `)`")?;
        Ok((rest, word))
    }
}

/// One or more, with a token between them.
fn separated<'s, T>(
    input: &'s [u8],
    separator: Token<'_>,
    mut one: impl FnMut(&'s [u8]) -> Parsed<'s, T>,
) -> Parsed<'s, Vec<T>> {
    let (mut rest, first) = one(input)?;
    let mut all = vec![first];
    loop {
        match token(rest)? {
            (behind, next) if next == separator => {
                let (behind, item) = one(behind)?;
                all.push(item);
                rest = behind;
            }
            _ => return Ok((rest, all)),
        }
    }
}

fn one_or<T>(mut items: Vec<T>, many: impl FnOnce(Vec<T>) -> T) -> T {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        last => many(items.into_iter().chain(last).collect()),
    }
}

/// A pattern between its delimiters, which nothing can escape, and the flag `i`.
fn regex(input: &[u8]) -> Parsed<'_, Regex> {
    let (pattern, Token::Pattern(delimiter)) = token(input)? else {
        return unexpected(input, "`/pattern/` or `m#pattern#`");
    };
    let (rest, source) = take_till(|byte| byte == delimiter)(pattern)?;
    let Some(rest) = rest.get(1..) else {
        return fail(pattern, Problem::Unterminated("pattern"));
    };
    if source.len() >= PART_MAX {
        return fail(pattern, Problem::TooLong("pattern"));
    }
    let (rest, caseless) = nom::Parser::parse(&mut opt(tag("i")), rest)?;
    let options = Options { caseless: caseless.is_some(), ..Options::DEFAULT };
    match Regex::with_options(source, options) {
        Ok(regex) => Ok((rest, regex)),
        Err(error) => fail(&pattern[error.offset..], Problem::Regex(error)),
    }
}

/// The network of `-R` and `-ipmatch`: only a quoted constant will do.
fn subnet(at: &[u8], word: &Word) -> Result<Subnet, nom::Err<Fault>> {
    let problem = match word {
        Word::Text(text) => match Subnet::parse(text) {
            Ok(subnet) => return Ok(subnet),
            Err(error) => Problem::Subnet(error),
        },
        _ => Problem::SubnetNotConstant,
    };
    Err(nom::Err::Failure(Fault { left: at.len(), problem }))
}

fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Not(inner) => *inner,
        other => Condition::Not(Box::new(other)),
    }
}

fn expect<'s>(input: &'s [u8], wanted: Token<'_>, expected: &'static str) -> Parsed<'s, ()> {
    match token(input)? {
        (rest, found) if found == wanted => Ok((rest, ())),
        _ => unexpected(input, expected),
    }
}

/// The token that stands at `input` is not one of those expected.
fn unexpected<'s, T>(input: &'s [u8], expected: &'static str) -> Parsed<'s, T> {
    let (at, _) = blanks(input)?;
    let (rest, _) = token(at)?;
    let found = String::from_utf8_lossy(&at[..at.len() - rest.len()]).into_owned();
    fail(at, Problem::Unexpected { found, expected })
}

pub(super) fn unknown(what: &'static str, name: &[u8]) -> Problem {
    Problem::Unknown(what, String::from_utf8_lossy(name).into_owned())
}
