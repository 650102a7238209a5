//! Recursive descent over the tokens, with bounded depth.

use std::collections::BTreeSet;

use super::functions::{Function, MULTI_WORD};
use super::lexer::{Token, tokens};
use super::{Decimal, ExpressionError};

/// Deepest nesting of expressions within expressions.
const MAX_DEPTH: u32 = 60;
/// Most operators in one expression: chains grow to the left, and the tree is as deep as a chain is long.
const MAX_OPERATORS: u32 = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    And,
    Or,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Name(String),
    Path(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    List(Vec<Node>),
    Interval {
        low: Box<Node>,
        low_open: bool,
        high: Box<Node>,
        high_open: bool,
    },
    Test(Op, Box<Node>),
    Binary(Op, Box<Node>, Box<Node>),
    Neg(Box<Node>),
    In(Box<Node>, Vec<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Quantified {
        every: bool,
        name: String,
        list: Box<Node>,
        body: Box<Node>,
    },
    Call(Function, Vec<Node>),
}

impl Node {
    /// Free names, i.e. variables; `bound` holds the names of quantifiers around.
    pub(super) fn collect_names(&self, bound: &mut Vec<String>, out: &mut BTreeSet<String>) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
            Self::Name(name) => {
                if !bound.contains(name) {
                    out.insert(name.clone());
                }
            }
            Self::Path(a, _) | Self::Neg(a) | Self::Test(_, a) => a.collect_names(bound, out),
            Self::Index(a, b)
            | Self::Binary(_, a, b)
            | Self::Interval {
                low: a, high: b, ..
            } => {
                a.collect_names(bound, out);
                b.collect_names(bound, out);
            }
            Self::List(items) | Self::Call(_, items) => {
                items.iter().for_each(|n| n.collect_names(bound, out));
            }
            Self::In(a, items) => {
                a.collect_names(bound, out);
                items.iter().for_each(|n| n.collect_names(bound, out));
            }
            Self::If(a, b, c) => [a, b, c].iter().for_each(|n| n.collect_names(bound, out)),
            Self::Quantified {
                name, list, body, ..
            } => {
                list.collect_names(bound, out);
                bound.push(name.clone());
                body.collect_names(bound, out);
                bound.pop();
            }
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    operators: u32,
}

type Parsed = Result<Node, ExpressionError>;

fn refuse<T>(why: impl Into<String>) -> Result<T, ExpressionError> {
    Err(ExpressionError(why.into()))
}

pub(super) fn parse(text: &str) -> Parsed {
    let mut p = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        operators: 0,
    };
    if p.tokens.is_empty() {
        return refuse("表达式为空");
    }
    let node = p.expression()?;
    match p.tokens.get(p.at) {
        None => Ok(node),
        Some(t) => refuse(format!("多余的内容：{}", shown(Some(t)))),
    }
}

fn shown(token: Option<&Token>) -> String {
    match token {
        None => "表达式结尾".to_owned(),
        Some(Token::Number(n)) => n.to_string(),
        Some(Token::Text(t)) => format!("\"{t:.40}\""),
        Some(Token::Word(w)) => format!("{w:.40}"),
        Some(Token::Sign(s)) => (*s).to_owned(),
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(hit);
        hit
    }

    fn word(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.at += usize::from(hit);
        hit
    }

    fn expect(&mut self, sign: &str) -> Result<(), ExpressionError> {
        if self.sign(sign) {
            return Ok(());
        }
        refuse(format!("此处应为 {sign}，实为 {}", shown(self.peek())))
    }

    fn expect_word(&mut self, word: &str) -> Result<(), ExpressionError> {
        if self.word(word) {
            return Ok(());
        }
        refuse(format!("此处应为 {word}，实为 {}", shown(self.peek())))
    }

    fn name(&mut self) -> Result<String, ExpressionError> {
        match self.peek() {
            Some(Token::Word(w)) => {
                let name = w.clone();
                self.at += 1;
                Ok(name)
            }
            other => refuse(format!("此处应为名称，实为 {}", shown(other))),
        }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return refuse("表达式嵌套过深");
        }
        let node = if self.word("if") {
            let condition = Box::new(self.expression()?);
            self.expect_word("then")?;
            let yes = Box::new(self.expression()?);
            self.expect_word("else")?;
            Node::If(condition, yes, Box::new(self.expression()?))
        } else if self.word("some") {
            self.quantified(false)?
        } else if self.word("every") {
            self.quantified(true)?
        } else if self.word("for") || self.word("function") {
            return refuse("不支持 for 和 function");
        } else {
            self.or()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn quantified(&mut self, every: bool) -> Parsed {
        let name = self.name()?;
        self.expect_word("in")?;
        let list = Box::new(self.expression()?);
        self.expect_word("satisfies")?;
        Ok(Node::Quantified {
            every,
            name,
            list,
            body: Box::new(self.expression()?),
        })
    }

    fn or(&mut self) -> Parsed {
        let mut node = self.and()?;
        while self.word("or") {
            node = self.joined(Op::Or, node, Self::and)?;
        }
        Ok(node)
    }

    fn and(&mut self) -> Parsed {
        let mut node = self.comparison()?;
        while self.word("and") {
            node = self.joined(Op::And, node, Self::comparison)?;
        }
        Ok(node)
    }

    fn count(&mut self) -> Result<(), ExpressionError> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            refuse("表达式过长")
        } else {
            Ok(())
        }
    }

    fn joined(&mut self, op: Op, left: Node, right: fn(&mut Self) -> Parsed) -> Parsed {
        self.count()?;
        Ok(Node::Binary(op, Box::new(left), Box::new(right(self)?)))
    }

    fn comparison_sign(&mut self) -> Option<Op> {
        let op = match self.peek()? {
            Token::Sign("=") => Op::Eq,
            Token::Sign("!=") => Op::Ne,
            Token::Sign("<") => Op::Lt,
            Token::Sign("<=") => Op::Le,
            Token::Sign(">") => Op::Gt,
            Token::Sign(">=") => Op::Ge,
            _ => return None,
        };
        self.at += 1;
        Some(op)
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if let Some(op) = self.comparison_sign() {
            return self.joined(op, left, Self::sum);
        }
        if self.word("between") {
            let low = self.sum()?;
            self.expect_word("and")?;
            let high = self.sum()?;
            let (low, high) = (Box::new(low), Box::new(high));
            let interval = Node::Interval {
                low,
                low_open: false,
                high,
                high_open: false,
            };
            return Ok(Node::In(Box::new(left), vec![interval]));
        }
        if self.word("in") {
            return Ok(Node::In(Box::new(left), self.tests()?));
        }
        if self.word("instance") {
            return refuse("不支持 instance of");
        }
        Ok(left)
    }

    /// `(test, test …)` or one test.
    fn tests(&mut self) -> Result<Vec<Node>, ExpressionError> {
        let start = self.at;
        if self.sign("(") {
            let mut tests = vec![self.test()?];
            while self.sign(",") {
                tests.push(self.test()?);
            }
            if self.sign(")") {
                return Ok(tests);
            }
            // `(1..5)` is an open interval, not a list of tests.
            self.at = start;
        }
        Ok(vec![self.test()?])
    }

    fn test(&mut self) -> Parsed {
        if let Some(op) = self.comparison_sign() {
            return Ok(Node::Test(op, Box::new(self.sum()?)));
        }
        self.sum()
    }

    fn sum(&mut self) -> Parsed {
        let mut node = self.product()?;
        loop {
            let op = match self.peek() {
                Some(Token::Sign("+")) => Op::Add,
                Some(Token::Sign("-")) => Op::Sub,
                _ => return Ok(node),
            };
            self.at += 1;
            node = self.joined(op, node, Self::product)?;
        }
    }

    fn product(&mut self) -> Parsed {
        let mut node = self.unary()?;
        loop {
            let op = match self.peek() {
                Some(Token::Sign("*")) => Op::Mul,
                Some(Token::Sign("/")) => Op::Div,
                Some(Token::Sign("**")) => return refuse("不支持乘方"),
                _ => return Ok(node),
            };
            self.at += 1;
            node = self.joined(op, node, Self::unary)?;
        }
    }

    fn unary(&mut self) -> Parsed {
        if !self.sign("-") {
            return self.postfix();
        }
        self.count()?;
        Ok(Node::Neg(Box::new(self.unary()?)))
    }

    fn postfix(&mut self) -> Parsed {
        let mut node = self.primary()?;
        loop {
            if self.sign(".") {
                self.count()?;
                node = Node::Path(Box::new(node), self.name()?);
            } else if self.sign("[") {
                self.count()?;
                let index = self.expression()?;
                if !matches!(index, Node::Number(_) | Node::Name(_) | Node::Neg(_)) {
                    return refuse("方括号中只能是序号（不支持筛选）");
                }
                self.expect("]")?;
                node = Node::Index(Box::new(node), Box::new(index));
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.peek().cloned() else {
            return refuse("表达式不完整");
        };
        self.at += 1;
        match token {
            Token::Number(n) => Ok(Node::Number(n)),
            Token::Text(t) => Ok(Node::Text(t)),
            Token::Sign("(") => {
                let node = self.expression()?;
                if self.sign("..") {
                    return self.interval(node, true);
                }
                self.expect(")")?;
                Ok(node)
            }
            Token::Sign("[") => self.list_or_interval(),
            Token::Word(w) => match w.as_str() {
                "null" => Ok(Node::Null),
                "true" => Ok(Node::Bool(true)),
                "false" => Ok(Node::Bool(false)),
                _ => self.name_or_call(w),
            },
            other => refuse(format!("此处不应为 {}", shown(Some(&other)))),
        }
    }

    fn interval(&mut self, low: Node, low_open: bool) -> Parsed {
        let high = Box::new(self.expression()?);
        let high_open = if self.sign(")") {
            true
        } else {
            self.expect("]")?;
            false
        };
        Ok(Node::Interval {
            low: Box::new(low),
            low_open,
            high,
            high_open,
        })
    }

    fn list_or_interval(&mut self) -> Parsed {
        let mut items = Vec::new();
        if self.sign("]") {
            return Ok(Node::List(items));
        }
        loop {
            let item = self.expression()?;
            if items.is_empty() && self.sign("..") {
                return self.interval(item, false);
            }
            items.push(item);
            if !self.sign(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(Node::List(items))
    }

    fn name_or_call(&mut self, first: String) -> Parsed {
        let mut name = first;
        for words in MULTI_WORD {
            let rest = words
                .strip_prefix(name.as_str())
                .and_then(|r| r.strip_prefix(' '));
            let Some(rest) = rest else { continue };
            let start = self.at;
            if rest.split(' ').all(|w| self.word(w))
                && matches!(self.peek(), Some(Token::Sign("(")))
            {
                words.clone_into(&mut name);
                break;
            }
            self.at = start;
        }
        if !self.sign("(") {
            return Ok(Node::Name(name));
        }
        let function = Function::by_name(&name)?;
        let mut arguments = Vec::new();
        if !self.sign(")") {
            loop {
                arguments.push(self.expression()?);
                if !self.sign(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        function.check_arity(arguments.len())?;
        Ok(Node::Call(function, arguments))
    }
}
