//! Reading GraphQL documents: operations, fields, arguments, variables, fragments. Enough for the documents of this
//! product and no engine: there is no schema here, and directives are refused.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

/// A selected field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Name in the answer: the alias, else the name.
    pub(super) key: String,
    /// Name.
    pub(super) name: String,
    /// Arguments, variables filled in; absent variables are absent arguments.
    pub(super) args: Map<String, Value>,
    /// What is selected of it.
    pub(super) fields: Vec<Field>,
}

/// A document with one operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// A mutation, else a query.
    pub(super) mutation: bool,
    /// Name of the operation.
    pub(super) name: Option<String>,
    /// Its root fields.
    pub(super) fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Mark(char),
    Spread,
}

/// Reads `text` with `variables`; the error is a sentence for the caller.
pub(super) fn parse(text: &str, variables: &Map<String, Value>) -> Result<Document, String> {
    let tokens = tokens(text)?;
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        variables: variables.clone(),
        fragments: HashMap::new(),
        declared: BTreeSet::new(),
        used: BTreeSet::new(),
    };
    reader.collect_fragments()?;
    reader.at = 0;
    let mut found = None;
    while reader.at < tokens.len() {
        if reader.peek_name() == Some("fragment") {
            reader.skip_fragment()?;
        } else if found.replace(reader.operation()?).is_some() {
            return Err("A document with several operations needs an operation name".to_owned());
        }
    }
    if let Some(name) = reader.used.difference(&reader.declared).next() {
        return Err(format!("Variable ${name} is used but not declared"));
    }
    if let Some(name) = reader.declared.difference(&reader.used).next() {
        return Err(format!("Variable ${name} is declared but not used"));
    }
    found.ok_or_else(|| "A query is missing".to_owned())
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => {}
            '#' => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' => tokens.push(Token::Text(quoted(&mut rest)?)),
            '.' => {
                if rest.next() != Some('.') || rest.next() != Some('.') {
                    return Err("Unexpected '.'".to_owned());
                }
                tokens.push(Token::Spread);
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let mut name = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                tokens.push(Token::Name(name));
            }
            c if c.is_ascii_digit() || c == '-' => {
                let mut number = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_ascii_digit() || matches!(*c, '.' | 'e' | 'E' | '+' | '-')) {
                    number.push(c);
                }
                tokens.push(Token::Number(number));
            }
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' | '=' => tokens.push(Token::Mark(next)),
            '@' => return Err("Directives are not supported here".to_owned()),
            other => return Err(format!("Unexpected {other:?}")),
        }
    }
    Ok(tokens)
}

fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match rest.next() {
            None | Some('\n') => return Err("Unterminated string".to_owned()),
            Some('"') => return Ok(text),
            Some('\\') => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(c @ ('"' | '\\' | '/')) => text.push(c),
                _ => return Err("Bad escape in string".to_owned()),
            },
            Some(c) => text.push(c),
        }
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    variables: Map<String, Value>,
    /// Where the selection of each fragment begins.
    fragments: HashMap<String, usize>,
    declared: BTreeSet<String>,
    used: BTreeSet<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_name(&self) -> Option<&str> {
        match self.peek() {
            Some(Token::Name(name)) => Some(name),
            _ => None,
        }
    }

    fn eat(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.eat(mark) { Ok(()) } else { Err(format!("Expected '{mark}', found {:?}", self.peek())) }
    }

    fn name(&mut self) -> Result<String, String> {
        let name =
            self.peek_name().map(str::to_owned).ok_or_else(|| format!("Expected a name, found {:?}", self.peek()))?;
        self.at += 1;
        Ok(name)
    }

    fn collect_fragments(&mut self) -> Result<(), String> {
        while self.at < self.tokens.len() {
            if self.peek_name() == Some("fragment") {
                self.at += 1;
                let name = self.name()?;
                self.at += 2;
                self.fragments.insert(name, self.at);
                self.skip_braces()?;
            } else if self.peek() == Some(&Token::Mark('{')) {
                self.skip_braces()?;
            } else if self.peek() == Some(&Token::Mark('(')) {
                while self.peek().is_some() && !self.eat(')') {
                    self.at += 1;
                }
            } else {
                self.at += 1;
            }
        }
        Ok(())
    }

    fn skip_fragment(&mut self) -> Result<(), String> {
        self.at += 4;
        self.skip_braces()
    }

    fn skip_braces(&mut self) -> Result<(), String> {
        let mut depth = 0_u32;
        while let Some(token) = self.peek() {
            match token {
                Token::Mark('{') => depth += 1,
                Token::Mark('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Err("Expected '}'".to_owned())
    }

    fn operation(&mut self) -> Result<Document, String> {
        let mut mutation = false;
        let mut name = None;
        if let Some(kind) = self.peek_name().map(str::to_owned) {
            mutation = match kind.as_str() {
                "query" => false,
                "mutation" => true,
                other => return Err(format!("Expected a query or a mutation, found {other}")),
            };
            self.at += 1;
            name = self.peek_name().map(str::to_owned);
            if name.is_some() {
                self.at += 1;
            }
            if self.eat('(') {
                self.declarations()?;
            }
        }
        Ok(Document { mutation, name, fields: self.selection(0)? })
    }

    /// `$name: Type! = default`: only defaults and missing required ones matter here.
    fn declarations(&mut self) -> Result<(), String> {
        while !self.eat(')') {
            self.expect('$')?;
            let name = self.name()?;
            self.declared.insert(name.clone());
            self.expect(':')?;
            while self.eat('[') {}
            self.name()?;
            let mut required = false;
            while matches!(self.peek(), Some(Token::Mark(']' | '!'))) {
                required = self.peek() == Some(&Token::Mark('!'));
                self.at += 1;
            }
            if self.eat('=') {
                let default = self.value()?;
                if let Some(default) = default {
                    self.variables.entry(name.clone()).or_insert(default);
                }
            }
            if required && self.variables.get(&name).is_none_or(Value::is_null) {
                return Err(format!("Variable ${name} of required type was not provided"));
            }
        }
        Ok(())
    }

    fn selection(&mut self, depth: u32) -> Result<Vec<Field>, String> {
        if depth > 20 {
            return Err("The document is nested too deeply".to_owned());
        }
        self.expect('{')?;
        let mut fields = Vec::new();
        while !self.eat('}') {
            if self.peek() == Some(&Token::Spread) {
                self.at += 1;
                fields.extend(self.spread(depth)?);
            } else {
                fields.push(self.field(depth)?);
            }
        }
        if fields.is_empty() { Err("A selection is empty".to_owned()) } else { Ok(fields) }
    }

    fn spread(&mut self, depth: u32) -> Result<Vec<Field>, String> {
        match self.peek_name() {
            Some("on") => {
                self.at += 2;
                self.selection(depth + 1)
            }
            Some(_) => {
                let name = self.name()?;
                let start =
                    *self.fragments.get(&name).ok_or_else(|| format!("Fragment {name} was used, but not defined"))?;
                let back = std::mem::replace(&mut self.at, start);
                let fields = self.selection(depth + 1);
                self.at = back;
                fields
            }
            None => self.selection(depth + 1),
        }
    }

    fn field(&mut self, depth: u32) -> Result<Field, String> {
        let key = self.name()?;
        let name = if self.eat(':') { self.name()? } else { key.clone() };
        let mut args = Map::new();
        if self.eat('(') {
            while !self.eat(')') {
                let arg = self.name()?;
                self.expect(':')?;
                if let Some(value) = self.value()? {
                    args.insert(arg, value);
                }
            }
        }
        let fields = if self.peek() == Some(&Token::Mark('{')) { self.selection(depth + 1)? } else { Vec::new() };
        Ok(Field { key, name, args, fields })
    }

    /// A value; none for a variable that was not given.
    fn value(&mut self) -> Result<Option<Value>, String> {
        let token = self.peek().cloned().ok_or("The document ends too early")?;
        self.at += 1;
        Ok(Some(match token {
            Token::Mark('$') => {
                let name = self.name()?;
                let value = self.variables.get(&name).cloned();
                self.used.insert(name);
                return Ok(value);
            }
            Token::Mark('[') => {
                let mut items = Vec::new();
                while !self.eat(']') {
                    items.extend(self.value()?);
                }
                Value::Array(items)
            }
            Token::Mark('{') => {
                let mut members = Map::new();
                while !self.eat('}') {
                    let name = self.name()?;
                    self.expect(':')?;
                    if let Some(value) = self.value()? {
                        members.insert(name, value);
                    }
                }
                Value::Object(members)
            }
            Token::Text(text) => Value::String(text),
            Token::Number(number) => serde_json::from_str(&number).map_err(|_| format!("{number} is no number"))?,
            Token::Name(name) => match name.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => Value::String(name),
            },
            other => return Err(format!("Expected a value, found {other:?}")),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_aliases_and_fragments_are_filled_in() {
        let variables = json!({"n": 5}).as_object().cloned().unwrap();
        let text = "query Q($n: Int!, $after: String, $key: [Key!] = CREATED_AT) {
            all: orders(first: $n, after: $after, sortKey: $key) { edges { node { ...Part } } } }
            fragment Part on Order { id }";
        let document = parse(text, &variables).unwrap();
        let orders = &document.fields[0];
        assert_eq!((orders.key.as_str(), orders.name.as_str()), ("all", "orders"));
        assert_eq!(Value::Object(orders.args.clone()), json!({"first": 5, "sortKey": "CREATED_AT"}));
        assert_eq!(orders.fields[0].fields[0].fields[0].name, "id");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in
            ["", "{", "query { }", "{ a @skip(if: true) }", "{ ...Gone }", "query($a: ID!) { order(id: $a) { id } }"]
        {
            assert!(parse(text, &Map::new()).is_err(), "{text}");
        }
        let given = json!({"a": "1"}).as_object().cloned().unwrap();
        for text in ["query($a: ID!) { shop { id } }", "{ order(id: $a) { id } }"] {
            assert!(parse(text, &given).unwrap_err().contains("declared"), "{text}");
        }
    }
}
