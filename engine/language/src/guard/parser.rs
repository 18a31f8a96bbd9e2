//! The parser: one function a level of binding, types checked on the way.

use paidan_model::field::FieldType;
use paidan_model::guard::{
    Expr, GUARD_BYTES_MAX, GUARD_DEPTH_MAX, GUARD_NODES_MAX, LegKey, Operator, Source,
};
use paidan_model::id::{FieldId, StateId};
use paidan_model::span::Span;

use super::compare::{Operand, compare};
use super::token::{Kind, Token, tokens};
use super::{FieldKind, GuardError, Names, Thing, Type};
use crate::finding::nearest;

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    names: &'a Names,
    nodes: usize,
    depth: usize,
    item: Option<(String, Type, bool)>,
}

type Typed = (Expr, Type);

/// Reads a whole guard.
pub(super) fn parse(text: &str, names: &Names) -> Result<Typed, GuardError> {
    if text.len() > GUARD_BYTES_MAX {
        let en = format!("a guard is at most {GUARD_BYTES_MAX} bytes");
        return Err(GuardError {
            offset: 0,
            len: text.len(),
            zh: format!("条件最长{GUARD_BYTES_MAX}字节"),
            en,
            help: None,
        });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, names, nodes: 0, depth: 0, item: None };
    let found = parser.or()?;
    match &parser.peek().kind {
        Kind::End => Ok(found),
        Kind::Name(word) if ["and", "or", "not", "implies"].contains(&word.as_str()) => {
            let help = match word.as_str() {
                "and" => "write `&&`",
                "or" => "write `||`",
                "not" => "write `!`",
                _ => "write `!a || b`",
            };
            Err(parser.error(format!("`{word}` is no word of this language"), Some(help.into())))
        }
        Kind::Int(_) | Kind::Text(_) | Kind::Name(_) | Kind::Sign(_) => {
            Err(parser.error("the guard should end here".into(), None))
        }
    }
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        const END: &Token = &Token { kind: Kind::End, offset: 0, len: 0 };
        self.tokens.get(self.at).or(self.tokens.last()).unwrap_or(END)
    }

    fn error(&self, en: String, help: Option<String>) -> GuardError {
        let token = self.peek();
        GuardError {
            offset: token.offset, len: token.len.max(1), zh: format!("条件有误：{en}"), en, help
        }
    }

    fn error_at(&self, place: usize, en: String, help: Option<String>) -> GuardError {
        let token = self.tokens.get(place).unwrap_or(self.peek());
        GuardError {
            offset: token.offset, len: token.len.max(1), zh: format!("条件有误：{en}"), en, help
        }
    }

    fn eat(&mut self, sign: &'static str) -> bool {
        let there = self.peek().kind == Kind::Sign(sign);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), GuardError> {
        if self.eat(sign) { Ok(()) } else { Err(self.error(format!("`{sign}` is expected here"), None)) }
    }

    fn node(&mut self, expr: Expr, kind: Type) -> Result<Typed, GuardError> {
        self.nodes += 1;
        if self.nodes > GUARD_NODES_MAX {
            return Err(self.error(format!("a guard has at most {GUARD_NODES_MAX} parts"), None));
        }
        Ok((expr, kind))
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: Expr,
        right: Expr,
        kind: Type,
    ) -> Result<Typed, GuardError> {
        self.node(Expr::Binary(operator, Box::new(left), Box::new(right)), kind)
    }

    fn want(&self, place: usize, found: &Type, wanted: &Type) -> Result<(), GuardError> {
        if found == wanted {
            return Ok(());
        }
        Err(self.error_at(place, format!("{} is expected, this is {}", wanted.words(), found.words()), None))
    }

    fn or(&mut self) -> Result<Typed, GuardError> {
        self.depth += 1;
        if self.depth > GUARD_DEPTH_MAX {
            return Err(self.error(format!("a guard nests at most {GUARD_DEPTH_MAX} deep"), None));
        }
        let found = self.chain("||", Operator::Or, Self::and)?;
        self.depth -= 1;
        Ok(found)
    }

    fn and(&mut self) -> Result<Typed, GuardError> {
        self.chain("&&", Operator::And, Self::test)
    }

    fn chain(
        &mut self,
        sign: &'static str,
        operator: Operator,
        next: fn(&mut Self) -> Result<Typed, GuardError>,
    ) -> Result<Typed, GuardError> {
        let start = self.at;
        let (mut left, mut kind) = next(self)?;
        while self.eat(sign) {
            self.want(start, &kind, &Type::Bool)?;
            let place = self.at;
            let (right, other) = next(self)?;
            self.want(place, &other, &Type::Bool)?;
            (left, kind) = self.binary(operator, left, right, Type::Bool)?;
        }
        Ok((left, kind))
    }

    fn test(&mut self) -> Result<Typed, GuardError> {
        let start = self.at;
        let (left, kind) = self.sum()?;
        let operator = match &self.peek().kind {
            Kind::Sign("==") => Operator::Equal,
            Kind::Sign("!=") => Operator::Different,
            Kind::Sign("<") => Operator::Less,
            Kind::Sign("<=") => Operator::AtMost,
            Kind::Sign(">") => Operator::More,
            Kind::Sign(">=") => Operator::AtLeast,
            Kind::Name(word) if word == "in" => Operator::In,
            Kind::Int(_) | Kind::Text(_) | Kind::Name(_) | Kind::Sign(_) | Kind::End => {
                return Ok((left, kind));
            }
        };
        self.at += 1;
        let place = self.at;
        let (right, other) = self.sum()?;
        let (left_of, right_of) = (
            Operand { place: start, expr: &left, kind: &kind },
            Operand { place, expr: &right, kind: &other },
        );
        compare(self.names, operator, left_of, right_of)
            .map_err(|found| self.error_at(found.place, found.en, found.help))?;
        self.binary(operator, left, right, Type::Bool)
    }

    fn sum(&mut self) -> Result<Typed, GuardError> {
        let start = self.at;
        let (mut left, mut kind) = self.product()?;
        loop {
            let operator = if self.eat("+") {
                Operator::Plus
            } else if self.eat("-") {
                Operator::Minus
            } else {
                return Ok((left, kind));
            };
            (left, kind) = self.number(operator, start, left, &kind, Self::product)?;
        }
    }

    fn product(&mut self) -> Result<Typed, GuardError> {
        let start = self.at;
        let (mut left, mut kind) = self.unary()?;
        while self.eat("*") {
            (left, kind) = self.number(Operator::Times, start, left, &kind, Self::unary)?;
        }
        Ok((left, kind))
    }

    fn number(
        &mut self,
        operator: Operator,
        start: usize,
        left: Expr,
        kind: &Type,
        next: fn(&mut Self) -> Result<Typed, GuardError>,
    ) -> Result<Typed, GuardError> {
        self.is_number(start, kind)?;
        let place = self.at;
        let (right, other) = next(self)?;
        self.is_number(place, &other)?;
        let found = match (kind, &other) {
            // How often something is there is a count: it may be taken times a sum or an area.
            (Type::Int | Type::Number, of) if operator == Operator::Times => of.clone(),
            (of, Type::Int | Type::Number) if operator == Operator::Times => of.clone(),
            (_, _) if operator == Operator::Times => Type::Number,
            (Type::Number, of) => of.clone(),
            (of, other) if of.is_like(other) => of.clone(),
            (of, other) => {
                self.want(place, other, of)?;
                Type::Number
            }
        };
        self.binary(operator, left, right, found)
    }

    fn is_number(&self, place: usize, found: &Type) -> Result<(), GuardError> {
        if found.is_number() { Ok(()) } else { self.want(place, found, &Type::Int) }
    }

    fn unary(&mut self) -> Result<Typed, GuardError> {
        let (not, minus) = (self.eat("!"), self.peek().kind == Kind::Sign("-"));
        if not {
            let place = self.at;
            let (inner, kind) = self.deeper(Self::unary)?;
            self.want(place, &kind, &Type::Bool)?;
            return self.node(Expr::Not(Box::new(inner)), Type::Bool);
        }
        if minus {
            self.at += 1;
            let place = self.at;
            let (inner, kind) = self.deeper(Self::unary)?;
            self.is_number(place, &kind)?;
            return self.node(Expr::Negate(Box::new(inner)), kind);
        }
        self.primary()
    }

    fn deeper(&mut self, next: fn(&mut Self) -> Result<Typed, GuardError>) -> Result<Typed, GuardError> {
        self.depth += 1;
        if self.depth > GUARD_DEPTH_MAX {
            return Err(self.error(format!("a guard nests at most {GUARD_DEPTH_MAX} deep"), None));
        }
        let found = next(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn primary(&mut self) -> Result<Typed, GuardError> {
        let token = self.peek().clone();
        match token.kind {
            Kind::Int(number) => {
                self.at += 1;
                self.node(Expr::Int(number), Type::Number)
            }
            Kind::Text(text) => {
                self.at += 1;
                self.node(Expr::Text(text), Type::Text)
            }
            Kind::Sign("(") => {
                self.at += 1;
                let inner = self.or()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Sign("[") => {
                self.at += 1;
                self.written_list()
            }
            Kind::Name(name) => {
                self.at += 1;
                self.named(&name)
            }
            Kind::Sign(_) | Kind::End => Err(self.error("a value is expected here".into(), None)),
        }
    }

    fn written_list(&mut self) -> Result<Typed, GuardError> {
        let mut items = Vec::new();
        let mut kind: Option<Type> = None;
        if !self.eat("]") {
            loop {
                let place = self.at;
                let (item, found) = self.or()?;
                match &kind {
                    Some(wanted) if found.is_like(wanted) => {}
                    Some(wanted) => self.want(place, &found, wanted)?,
                    None => kind = Some(found),
                }
                items.push(item);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect("]")?;
        }
        self.node(Expr::List(items), Type::List(kind.map(Box::new)))
    }

    fn named(&mut self, name: &str) -> Result<Typed, GuardError> {
        let place = self.at - 1;
        if let Some((item, kind, of_legs)) = self.item.clone().filter(|(item, _, _)| item == name) {
            return self.item_use(&item, kind, of_legs);
        }
        if self.eat("(") {
            return self.call(name, place);
        }
        if self.peek().kind == Kind::Sign(".") {
            return self.quantified(name, place);
        }
        match name {
            "true" | "false" => self.node(Expr::Bool(name == "true"), Type::Bool),
            "round" => self.node(Expr::Round, Type::Int),
            "left" if self.names.claims => self.node(Expr::Left, Type::Int),
            "now" if self.names.without_now => {
                Err(self.error_at(place, "`now` cannot be read here".into(), None))
            }
            "now" => self.node(Expr::Now, Type::Moment),
            "legs" => Err(self.error_at(
                place,
                "`legs` is a list".into(),
                Some("write `legs.all(l, ...)` or `size(legs)`".into()),
            )),
            _ => {
                let (id, field) = self.field(name, place)?;
                if field.sealed {
                    let help = format!(
                        "its values are in the vault; ask `has({name})`, or declare it `public = true`"
                    );
                    return Err(self.error_at(
                        place,
                        format!("`{name}` cannot be read in a guard"),
                        Some(help),
                    ));
                }
                if field.kind == FieldType::Table {
                    let help = format!("write `size({name})`, or `total({name}, 'column')`");
                    return Err(self.error_at(place, format!("`{name}` is a table"), Some(help)));
                }
                self.node(Expr::Field(id.clone()), type_of(&id, &field))
            }
        }
    }

    fn field(&self, name: &str, place: usize) -> Result<(FieldId, FieldKind), GuardError> {
        let found =
            FieldId::parse(name).and_then(|id| self.names.fields.get(&id).cloned().map(|field| (id, field)));
        found.ok_or_else(|| {
            let help = match name {
                "and" => Some("write `&&`".to_string()),
                "or" => Some("write `||`".to_string()),
                "not" => Some("write `!`".to_string()),
                _ => nearest(name, self.names.fields.keys().map(FieldId::as_str))
                    .map(|near| format!("did you mean `{near}`?")),
            };
            self.error_at(place, format!("there is no field `{name}`"), help)
        })
    }

    fn item_use(&mut self, item: &str, kind: Type, of_legs: bool) -> Result<Typed, GuardError> {
        if !of_legs {
            return self.node(Expr::Item, kind);
        }
        self.expect(".")?;
        let key = match &self.peek().kind {
            Kind::Name(key) => key.clone(),
            Kind::Int(_) | Kind::Text(_) | Kind::Sign(_) | Kind::End => String::new(),
        };
        let (key, kind) = match key.as_str() {
            "unit" => (LegKey::Unit, Type::Id(Thing::Unit)),
            "part" => (LegKey::Part, Type::Part),
            "state" => (LegKey::State, Type::LegState),
            "round" => (LegKey::Round, Type::Int),
            "agreed" => (LegKey::Agreed, Type::Bool),
            "late" => (LegKey::Late, Type::Bool),
            _ => {
                let help = "a leg has unit, part, state, round, agreed, late".to_string();
                return Err(self.error(format!("`{item}` has no such property"), Some(help)));
            }
        };
        self.at += 1;
        self.node(Expr::Leg(key), kind)
    }

    fn call(&mut self, name: &str, place: usize) -> Result<Typed, GuardError> {
        let found = match name {
            "has" | "size" => {
                let token = self.peek().clone();
                let Kind::Name(of) = token.kind else {
                    return Err(self.error("a field is expected here".into(), None));
                };
                let inside = self.at;
                self.at += 1;
                if name == "size" && of == "legs" {
                    self.node(Expr::Size(Source::Legs), Type::Int)?
                } else {
                    let (id, field) = self.field(&of, inside)?;
                    let list = matches!(
                        field.kind,
                        FieldType::Units | FieldType::Choices | FieldType::Roster | FieldType::Table
                    );
                    if name == "has" {
                        self.node(Expr::Has(id), Type::Bool)?
                    } else if field.sealed {
                        let help = format!(
                            "its values are in the vault; ask `has({of})`, or declare it `public = true`"
                        );
                        return Err(self.error_at(
                            inside,
                            format!("`{of}` cannot be counted in a guard"),
                            Some(help),
                        ));
                    } else if list {
                        self.node(Expr::Size(Source::Field(id)), Type::Int)?
                    } else {
                        return Err(self.error_at(
                            inside,
                            format!("`{of}` is no list that guards can count"),
                            None,
                        ));
                    }
                }
            }
            "In" => self.call_in()?,
            "add" => self.call_add()?,
            "total" => self.call_total()?,
            _ => {
                let known = ["has", "size", "In", "add", "total"];
                let help = nearest(name, known).map_or_else(
                    || format!("there are {}", known.join(", ")),
                    |n| format!("did you mean `{n}`?"),
                );
                return Err(self.error_at(place, format!("there is no function `{name}`"), Some(help)));
            }
        };
        self.expect(")")?;
        Ok(found)
    }

    fn call_in(&mut self) -> Result<Typed, GuardError> {
        let Kind::Text(state) = self.peek().kind.clone() else {
            return Err(self.error("a state between quotes is expected".into(), None));
        };
        let id = StateId::parse(&state).filter(|id| self.names.states.contains(id));
        let Some(id) = id else {
            let near = nearest(&state, self.names.states.iter().map(StateId::as_str));
            return Err(self.error(
                format!("there is no state `{state}`"),
                near.map(|n| format!("did you mean `{n}`?")),
            ));
        };
        self.at += 1;
        self.node(Expr::In(id), Type::Bool)
    }

    /// `total(table, 'column')`: the sum of a column of numbers.
    fn call_total(&mut self) -> Result<Typed, GuardError> {
        let place = self.at;
        let Kind::Name(of) = self.peek().kind.clone() else {
            return Err(self.error("a field of type table is expected here".into(), None));
        };
        self.at += 1;
        let (id, field) = self.field(&of, place)?;
        if field.kind != FieldType::Table || field.sealed {
            let help = field
                .sealed
                .then(|| format!("its values are in the vault; declare `{of}` as `public = true`"));
            return Err(self.error_at(place, format!("`{of}` is no table that guards can read"), help));
        }
        self.expect(",")?;
        let Kind::Text(column) = self.peek().kind.clone() else {
            return Err(self.error("a column between quotes is expected".into(), None));
        };
        let found = field.numbers.iter().find(|(number, _)| number.as_str() == column);
        let Some((number, kind)) = found else {
            let numbers: Vec<&str> = field.numbers.keys().map(FieldId::as_str).collect();
            let help = format!("its columns of numbers are {}", numbers.join(", "));
            return Err(self.error(format!("`{of}` has no column of numbers `{column}`"), Some(help)));
        };
        self.at += 1;
        self.node(Expr::Total(id, number.clone()), kind.clone())
    }

    fn call_add(&mut self) -> Result<Typed, GuardError> {
        let place = self.at;
        let (from, kind) = self.or()?;
        self.want(place, &kind, &Type::Moment)?;
        self.expect(",")?;
        let Kind::Text(text) = self.peek().kind.clone() else {
            return Err(self.error("a duration between quotes is expected".into(), None));
        };
        let span = Span::parse(&text).map_err(|error| self.error(error.to_string(), None))?;
        self.at += 1;
        self.node(Expr::Add(Box::new(from), span), Type::Moment)
    }

    fn quantified(&mut self, name: &str, place: usize) -> Result<Typed, GuardError> {
        self.expect(".")?;
        let all = match &self.peek().kind {
            Kind::Name(word) if word == "all" => true,
            Kind::Name(word) if word == "exists" => false,
            Kind::Name(word) if word == "matches" => {
                return Err(self.error(
                    "there is no matching of patterns".into(),
                    Some("use a field of type choice".into()),
                ));
            }
            Kind::Int(_) | Kind::Text(_) | Kind::Name(_) | Kind::Sign(_) | Kind::End => {
                return Err(self.error("`exists` or `all` is expected here".into(), None));
            }
        };
        self.at += 1;
        let (source, item, of_legs) = if name == "legs" {
            (Source::Legs, Type::Bool, true)
        } else {
            let (id, field) = self.field(name, place)?;
            match type_of(&id, &field) {
                Type::List(Some(item)) if !field.sealed => (Source::Field(id), *item, false),
                other => {
                    return Err(self.error_at(
                        place,
                        format!("choices, units or files are expected, this is {}", other.words()),
                        None,
                    ));
                }
            }
        };
        self.expect("(")?;
        let Kind::Name(variable) = self.peek().kind.clone() else {
            return Err(self.error("a name for the element is expected".into(), None));
        };
        if self.item.is_some() {
            return Err(self.error("`exists` and `all` do not nest".into(), None));
        }
        self.at += 1;
        self.expect(",")?;
        self.item = Some((variable, item, of_legs));
        let inside = self.at;
        let (guard, kind) = self.or()?;
        self.want(inside, &kind, &Type::Bool)?;
        self.item = None;
        self.expect(")")?;
        let guard = Box::new(guard);
        self.node(if all { Expr::All(source, guard) } else { Expr::Exists(source, guard) }, Type::Bool)
    }
}

/// The type of a field's values in guards.
fn type_of(id: &FieldId, field: &FieldKind) -> Type {
    match field.kind {
        FieldType::Int => Type::Int,
        FieldType::Money => Type::Money,
        FieldType::Area => Type::Area,
        FieldType::Bool => Type::Bool,
        FieldType::Choice => Type::Choice(id.clone()),
        FieldType::Choices => Type::List(Some(Box::new(Type::Choice(id.clone())))),
        FieldType::Date | FieldType::Moment => Type::Moment,
        FieldType::Text | FieldType::Phone => Type::Text,
        FieldType::Person => Type::Id(Thing::Person),
        FieldType::Unit => Type::Id(Thing::Unit),
        FieldType::Place => Type::Id(Thing::Place),
        FieldType::Case => Type::Id(Thing::Case),
        FieldType::Units => Type::List(Some(Box::new(Type::Id(Thing::Unit)))),
        FieldType::Files | FieldType::Roster => Type::List(Some(Box::new(Type::Text))),
        FieldType::Table => Type::List(None),
    }
}
