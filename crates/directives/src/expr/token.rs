//! What stands next outside of strings: the scanner's INITIAL state. The longest token wins, as in httpd's.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while, take_while1};
use nom::character::complete::{digit1, one_of, satisfy};
use nom::combinator::{map, opt, recognize, value, verify};
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

use super::grammar::Fault;
use super::{Comparison, ComparisonKind, Relation};

/// The delimiters that `m` may have.
const DELIMITERS: &str = "/#$%^,;:_?|-!.'\"";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    End,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    /// The `.` between words.
    Dot,
    Not,
    And,
    Or,
    True,
    False,
    Compare(Comparison),
    In,
    Matches,
    MatchesNot,
    /// `-f`, with the minus.
    Unary(&'s [u8]),
    /// `-ipmatch`, with the minus.
    Binary(&'s [u8]),
    Digits(&'s [u8]),
    Name(&'s [u8]),
    /// The quote that opens a string.
    Quote(u8),
    /// `%{`
    Variable,
    Backref(usize),
    /// The delimiter that opens a pattern.
    Pattern(u8),
    /// A byte with which nothing begins.
    Stray(u8),
}

/// The next token and what follows it; fails on nothing.
pub(super) fn token(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    let (input, _) = blanks(input)?;
    if input.is_empty() {
        return Ok((input, Token::End));
    }
    alt((pattern, word, minus, long_symbol, short_symbol, map(take(1usize), stray))).parse(input)
}

/// The blanks before the next token: no carriage return, as in httpd.
pub(super) fn blanks(input: &[u8]) -> IResult<&[u8], &[u8], Fault> {
    take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n')).parse(input)
}

/// `[a-zA-Z][a-zA-Z0-9_]*`
pub(super) fn name(input: &[u8]) -> IResult<&[u8], &[u8], Fault> {
    recognize(pair(satisfy(|c| c.is_ascii_alphabetic()), take_while(is_name))).parse(input)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `/`, or `m` and a delimiter, unless a longer name begins so.
fn pattern(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    let longer_name = |input| matches!(name(input), Ok((_, name)) if name.len() > 2);
    let long = verify(preceded(tag("m"), one_of(DELIMITERS)), |_: &char| !longer_name(input));
    map(alt((long, one_of("/"))), |delimiter| Token::Pattern(delimiter as u8)).parse(input)
}

fn word(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    map(name, |name| match name {
        b"true" => Token::True,
        b"false" => Token::False,
        b"and" => Token::And,
        b"or" => Token::Or,
        b"not" => Token::Not,
        b"in" => Token::In,
        name => number_comparison(name).unwrap_or(Token::Name(name)),
    })
    .parse(input)
}

fn number_comparison(name: &[u8]) -> Option<Token<'static>> {
    let relation = match name {
        b"eq" => Relation::Equal,
        b"ne" => Relation::NotEqual,
        b"lt" => Relation::Less,
        b"le" => Relation::LessOrEqual,
        b"gt" => Relation::Greater,
        b"ge" => Relation::GreaterOrEqual,
        _ => return None,
    };
    Some(Token::Compare(Comparison { kind: ComparisonKind::Number, relation }))
}

/// Numbers, and everything that begins with a minus.
fn minus(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    let digits = recognize(pair(opt(tag("-")), digit1));
    let operator = recognize(pair(tag("-"), take_while1(is_name)));
    alt((
        map(digits, Token::Digits),
        map(operator, |operator: &[u8]| match &operator[1..] {
            b"in" => Token::In,
            [_] => Token::Unary(operator),
            name => number_comparison(name).unwrap_or(Token::Binary(operator)),
        }),
    ))
    .parse(input)
}

fn long_symbol(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    alt((
        value(text_comparison(Relation::Equal), tag("==")),
        value(text_comparison(Relation::NotEqual), tag("!=")),
        value(text_comparison(Relation::LessOrEqual), tag("<=")),
        value(text_comparison(Relation::GreaterOrEqual), tag(">=")),
        value(Token::Matches, tag("=~")),
        value(Token::MatchesNot, tag("!~")),
        value(Token::And, tag("&&")),
        value(Token::Or, tag("||")),
        value(Token::Variable, tag("%{")),
        map(preceded(tag("$"), one_of("0123456789")), |digit| {
            Token::Backref(usize::from(digit as u8 - b'0'))
        }),
    ))
    .parse(input)
}

fn short_symbol(input: &[u8]) -> IResult<&[u8], Token<'_>, Fault> {
    map(one_of("=<>!.(){},'\""), |symbol| match symbol {
        '=' => text_comparison(Relation::Equal),
        '<' => text_comparison(Relation::Less),
        '>' => text_comparison(Relation::Greater),
        '!' => Token::Not,
        '.' => Token::Dot,
        '(' => Token::Open,
        ')' => Token::Close,
        '{' => Token::OpenList,
        '}' => Token::CloseList,
        ',' => Token::Comma,
        quote => Token::Quote(quote as u8),
    })
    .parse(input)
}

fn text_comparison(relation: Relation) -> Token<'static> {
    Token::Compare(Comparison { kind: ComparisonKind::Text, relation })
}

fn stray(byte: &[u8]) -> Token<'_> {
    Token::Stray(byte[0])
}
