//! Arguments by shape (httpd's `invoke_cmd`): splits what the line holds and calls the handler.

use super::{Cx, Outcome, Problem};
use crate::registry::{Arity, Shape};
use crate::values::on_off;
use crate::words::{Arg, RawArgs};

/// Splits the arguments as the shape wants them and calls its handler.
pub(super) fn invoke(name: &str, shape: Shape, cx: &mut Cx<'_>, raw: &RawArgs, words: &[Arg]) -> Outcome {
    let wrong = |wants: &str| Problem::new(format!("{name} takes {wants}")).code("wrong-arguments");
    match (shape, counted(shape, words)) {
        // Whatever follows On or Off is not looked at, as in httpd.
        (Shape::Flag(take), [word, rest @ ..]) => {
            if let Some(extra) = rest.first().filter(|extra| !extra.as_bytes().starts_with(b"#")) {
                cx.warn("ignored-argument", extra, format!("{name} looks at its first word only"));
            }
            take(cx, flag(name, word)?)
        }
        (Shape::Flag(_), _) => Err(must_be_flag(name)),
        (Shape::Take0(take), []) => take(cx),
        (Shape::Take0(_), _) => Err(wrong("no arguments")),
        (Shape::Take1(take), [a]) => take(cx, a),
        (Shape::Take1(_), _) => Err(wrong("one argument")),
        (Shape::Take2(take), [a, b]) => take(cx, a, b),
        (Shape::Take2(_), _) => Err(wrong("two arguments")),
        (Shape::Take3(take), [a, b, c]) => take(cx, a, b, c),
        (Shape::Take3(_), _) => Err(wrong("three arguments")),
        (Shape::Take12(take), [a]) => take(cx, a, None),
        (Shape::Take12(take), [a, b]) => take(cx, a, Some(b)),
        (Shape::Take12(_), _) => Err(wrong("one or two arguments")),
        (Shape::Take23(take), [a, b]) => take(cx, a, b, None),
        (Shape::Take23(take), [a, b, c]) => take(cx, a, b, Some(c)),
        (Shape::Take23(_), _) => Err(wrong("two or three arguments")),
        (Shape::Take123(take), [a, rest @ ..]) if rest.len() < 3 => take(cx, a, rest.first(), rest.get(1)),
        (Shape::Take123(_), _) => Err(wrong("one, two or three arguments")),
        (Shape::Iterate(take), words @ [_, ..]) => words.iter().try_for_each(|word| take(cx, word)),
        (Shape::Iterate(_), _) => Err(wrong("at least one argument")),
        (Shape::Iterate2(take), [first, rest @ ..]) if !rest.is_empty() => {
            rest.iter().try_for_each(|word| take(cx, first, word))
        }
        (Shape::Iterate2(_), _) => Err(wrong("at least two arguments")),
        (Shape::Argv(take), words) => take(cx, words),
        (Shape::Raw(take), _) => take(cx, raw),
        (Shape::Block(_), _) => Err(Problem::new(format!("{name} is a section: it wants < and >"))),
    }
}

/// The words that count: an empty one is no argument where one is required, and ends a list.
fn counted(shape: Shape, words: &[Arg]) -> &[Arg] {
    let required = match shape {
        Shape::Flag(_) | Shape::Take1(_) | Shape::Take12(_) | Shape::Take123(_) => 1,
        Shape::Take2(_) | Shape::Take23(_) => 2,
        Shape::Take3(_) => 3,
        Shape::Iterate(_) | Shape::Iterate2(_) => {
            let end = words.iter().position(Arg::is_empty);
            return end.map_or(words, |end| &words[..end]);
        }
        Shape::Take0(_) | Shape::Argv(_) | Shape::Raw(_) | Shape::Block(_) => 0,
    };
    if words.iter().take(required).any(Arg::is_empty) { &[] } else { words }
}

/// Checks the number of arguments of a directive that is not acted on.
pub(super) fn check(name: &str, arity: Arity, words: &[Arg]) -> Outcome {
    let count = words.len();
    match arity {
        Arity::Flag => match words {
            [word, ..] => flag(name, word).map(|_| ()),
            [] => Err(must_be_flag(name)),
        },
        Arity::Checked(check) if count == 1 => check(&words[0]),
        Arity::Checked(_) => self::check(name, Arity::ONE, words),
        Arity::CheckedAll(least, most, check) => {
            self::check(name, Arity::Between(least, most), words)?;
            check(words)
        }
        Arity::Between(least, most) if count < least.into() || count > most.into() => {
            let wants = if least == most { format!("{least}") } else { format!("{least} to {most}") };
            Err(Problem::new(format!("{name} takes {wants} arguments, here are {count}"))
                .code("wrong-arguments"))
        }
        Arity::Many if count == 0 => {
            Err(Problem::new(format!("{name} takes at least one argument")).code("wrong-arguments"))
        }
        Arity::Between(..) | Arity::Many | Arity::Raw | Arity::Block => Ok(()),
    }
}

/// Whether the only argument is `Off`.
pub(super) fn is_off(words: &[Arg]) -> bool {
    matches!(words, [word] if word.is("off"))
}

fn flag(name: &str, word: &Arg) -> Result<bool, Problem> {
    on_off(word.as_bytes()).ok_or_else(|| Problem { span: Some(word.span), ..must_be_flag(name) })
}

fn must_be_flag(name: &str) -> Problem {
    Problem::new(format!("{name} must be On or Off")).code("wrong-arguments")
}
