//! Problems: what a request gets that cannot be answered. Bad input is never a fault of ours.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Denied, Fault, NotKept, Refusal, RefusalKind, Turned};
use serde_json::{Map, Value as Json, json};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $slug:literal, $status:ident, $zh:literal, $en:literal;)+) => {
        /// Why a request is turned away before the rules of the work are asked. Codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable number, such as `R2001`.
            #[must_use]
            pub fn number(self) -> &'static str { match self { $(Self::$name => $number),+ } }

            /// The stable name, such as `malformed`.
            #[must_use]
            pub fn slug(self) -> &'static str { match self { $(Self::$name => $slug),+ } }

            /// The sentence in both languages.
            #[must_use]
            pub fn text(self) -> Text {
                match self { $(Self::$name => Text { zh: $zh.into(), en: $en.into() }),+ }
            }

            pub(crate) fn status(self) -> StatusCode { match self { $(Self::$name => StatusCode::$status),+ } }
        }
    };
}

codes! {
    /// The body, a header, an id or a time cannot be read.
    Malformed = "R2001", "malformed", BAD_REQUEST, "请求写法不对", "the request cannot be read";
    /// More bytes than allowed.
    TooLarge = "R2002", "too-large", PAYLOAD_TOO_LARGE, "内容太大", "more bytes than allowed";
    /// Bytes of a kind that is not taken.
    Kind = "R2003", "unsupported-kind", UNSUPPORTED_MEDIA_TYPE, "不接受这种内容", "bytes of a kind that is not taken here";
    /// Nobody knows who asks.
    NotSignedIn = "R2004", "not-signed-in", UNAUTHORIZED, "请先登录", "log in first, or send a key";
    /// The asker is known, and this is not theirs.
    Forbidden = "R2005", "forbidden", FORBIDDEN, "无权办理", "this is not yours to do";
    /// Nothing is there, or nothing the asker may know of.
    NotFound = "R2006", "not-found", NOT_FOUND, "没有找到", "there is nothing here";
    /// The path is there, and not for this method.
    Method = "R2007", "method", METHOD_NOT_ALLOWED, "不支持这种请求方法", "this method is not for this path";
    /// A request that changes something has no key.
    KeyMissing = "R2008", "key-missing", BAD_REQUEST, "缺少Idempotency-Key", "a request that changes something needs the header Idempotency-Key";
    /// The same key came with another body.
    KeyReused = "R2009", "key-reused", UNPROCESSABLE_ENTITY, "前一次已经提交，内容与这次不同", "this was sent before with another content";
    /// Too much at once.
    Busy = "R2010", "busy", SERVICE_UNAVAILABLE, "系统繁忙，请稍后再试", "too much at once; try again";
    /// The store cannot say whether it was done.
    Unknown = "R2011", "unknown-outcome", SERVICE_UNAVAILABLE, "结果未知，可能已经办成：请原样再提交一次", "the outcome is unknown, it may be done: send the same again";
    /// The case has changed since the asker looked.
    Stale = "R2012", "stale", PRECONDITION_FAILED, "事项刚有新变化，请核对最新内容后再办", "the case has changed since; look at it as it is now";
    /// Too many failed logins.
    Wait = "R2013", "wait", TOO_MANY_REQUESTS, "尝试次数过多，请稍后再试", "too many attempts; wait";
    /// The form came from another site.
    OtherSite = "R2014", "other-site", FORBIDDEN, "请求来自别的网站", "this request came from another site";
    /// Name and password do not fit.
    Wrong = "R2015", "wrong-login", UNAUTHORIZED, "用户名或密码不对", "name and password do not fit";
    /// The file did not arrive whole.
    Broken = "R2016", "broken-upload", BAD_REQUEST, "文件没有完整收到", "the file did not arrive whole";
    /// A file is named that was never sent.
    NoFile = "R2017", "no-such-file", UNPROCESSABLE_ENTITY, "没有这个文件，请先上传", "no such file; send it first";
    /// A definition is not taken.
    NotPublished = "R2018", "not-published", CONFLICT, "未能发布", "it was not published";
    /// What is asked cannot be so.
    Unfit = "R2019", "unfit", UNPROCESSABLE_ENTITY, "内容不合要求", "this cannot be so";
    /// The store failed.
    Fault = "F2001", "fault", SERVICE_UNAVAILABLE, "系统暂时不可用，请稍后再试", "the store failed; try again later";
}

/// Why a request is not answered.
#[derive(Clone, Debug)]
pub struct Problem(Box<About>);

/// What a problem is about.
#[derive(Clone, Debug)]
struct About {
    status: StatusCode,
    number: &'static str,
    slug: String,
    words: Text,
    detail: String,
    detail_zh: Option<String>,
    wait: Option<u32>,
    more: Map<String, Json>,
    refusal: Option<Refusal>,
    field: Option<String>,
}

impl Problem {
    /// A problem of a code.
    pub fn of(code: Code) -> Self {
        Self(Box::new(About {
            status: code.status(),
            number: code.number(),
            slug: code.slug().to_string(),
            words: code.text(),
            detail: String::new(),
            detail_zh: None,
            wait: None,
            more: Map::new(),
            refusal: None,
            field: None,
        }))
    }

    /// The same, with what exactly was wrong.
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into().chars().filter(|c| !c.is_control()).take(300).collect();
        self
    }

    /// The same, with what exactly was wrong in both languages.
    pub fn because_both(self, detail: &Text) -> Self {
        let Self(mut about) = self.because(detail.en.as_str());
        about.detail_zh = Some(detail.zh.clone());
        Self(about)
    }

    /// The same, with another member of the answer's JSON.
    pub fn with(mut self, name: &str, value: Json) -> Self {
        self.0.more.insert(name.to_string(), value);
        self
    }

    /// The same, to be tried again after so many seconds.
    fn after(mut self, seconds: u32) -> Self {
        self.0.wait = Some(seconds);
        self
    }

    /// The same as people read it who know the workflow: with titles for ids.
    pub fn told(mut self, workflow: &Workflow, in_force: &InForce) -> Self {
        let told = |refusal| paidan_views::refused(workflow, &in_force.roster, &in_force.zone(), refusal);
        if let Some(words) = self.0.refusal.as_ref().map(told) {
            self.0.words = words;
        }
        self
    }

    /// Another member of the answer's JSON, if it is a text.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.0.more.get(name).and_then(Json::as_str)
    }

    /// What is said.
    pub fn words(&self) -> Text {
        let Text { zh, en } = &self.0.words;
        let detail = &self.0.detail;
        let detail_zh = self.0.detail_zh.as_ref().unwrap_or(detail);
        match detail.is_empty() {
            true => self.0.words.clone(),
            false => Text { zh: format!("{zh}：{detail_zh}"), en: format!("{en}: {detail}") },
        }
    }

    /// Whether it is of a code.
    pub fn is(&self, code: Code) -> bool {
        self.0.number == code.number()
    }

    /// Its code.
    pub fn number(&self) -> &'static str {
        self.0.number
    }

    /// The status it has in answers.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The same, about an input of a form.
    pub fn at(mut self, field: &str) -> Self {
        self.0.field = Some(field.to_string());
        self
    }

    /// The input of a form that did not fit.
    pub fn field(&self) -> Option<&str> {
        let refused = || self.0.refusal.as_ref()?.with.get("field");
        self.0.field.as_ref().or_else(refused).map(String::as_str)
    }

    /// What would make it pass.
    pub fn advice(&self) -> Option<Text> {
        self.0.refusal.as_ref().map(|refusal| refusal.code.advice())
    }

    /// Nothing is there.
    pub fn not_found() -> Self {
        Self::of(Code::NotFound)
    }

    /// The JSON of RFC 9457.
    pub fn json(&self) -> Json {
        let mut members = json!({
            "type": format!("urn:paidan:problem:{}", self.0.slug),
            "title": self.0.words.en,
            "title_zh": self.0.words.zh,
            "status": self.0.status.as_u16(),
            "code": self.0.number,
        });
        if let Some(map) = members.as_object_mut() {
            if !self.0.detail.is_empty() {
                map.insert("detail".into(), json!(self.0.detail));
            }
            if let Some(detail) = &self.0.detail_zh {
                map.insert("detail_zh".into(), json!(detail));
            }
            map.extend(self.0.more.clone());
        }
        members
    }

    /// Says in the answer when to try again.
    pub fn wait_header(&self, response: &mut Response) {
        if let Some(value) = self.0.wait.and_then(|wait| HeaderValue::from_str(&wait.to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "the store failed");
        Self::of(Code::Fault).after(paidan_runtime::commands::BUSY_SECONDS)
    }
}

/// The status of a kind of refusals.
fn status_of(kind: RefusalKind) -> StatusCode {
    match kind {
        RefusalKind::Forbidden => StatusCode::FORBIDDEN,
        RefusalKind::Outdated => StatusCode::PRECONDITION_FAILED,
        RefusalKind::Unfit => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Conflict => StatusCode::CONFLICT,
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let soon = paidan_runtime::commands::BUSY_SECONDS;
        match denied {
            Denied::Refused(refusal) => {
                let mut problem = Self::of(Code::Malformed);
                let about = &mut *problem.0;
                about.number = refusal.code.number();
                about.slug = refusal.code.slug().to_string();
                about.status = status_of(refusal.code.kind());
                about.words = refusal.text();
                about.refusal = Some(refusal.clone());
                if let Some(field) = refusal.with.get("field") {
                    let error = json!({ "pointer": format!("/fields/{field}"), "code": about.number });
                    about.more.insert("errors".into(), json!([error]));
                }
                about.more.insert("with".into(), json!(refusal.with));
                problem
            }
            Denied::Busy => Self::of(Code::Busy).after(soon),
            Denied::Unknown => Self::of(Code::Unknown).after(soon),
            Denied::NotFound => Self::not_found(),
            Denied::KeyReused => Self::of(Code::KeyReused),
            Denied::NoFile(digest) => Self::of(Code::NoFile).because(digest),
            Denied::Fault(why) => {
                tracing::error!(why, "a command failed");
                Self::of(Code::Fault).after(soon)
            }
        }
    }
}

impl From<Turned> for Problem {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Wrong => Self::of(Code::Wrong),
            Turned::Wait(seconds) => Self::of(Code::Wait).after(seconds),
            Turned::Unfit(why) => Self::of(Code::Malformed).because(why),
            Turned::Fault(why) => {
                tracing::error!(why, "an account could not be read or written");
                Self::of(Code::Fault)
            }
        }
    }
}

impl From<NotKept> for Problem {
    fn from(not_kept: NotKept) -> Self {
        let (code, zh) = match not_kept {
            NotKept::TooLarge(_) => (Code::TooLarge, "文件太大：每个不超过20MB"),
            NotKept::Kind => (Code::Kind, "只收图片或PDF；Word等文件请先另存为PDF"),
            NotKept::Broken(_) => (Code::Broken, "文件没有完整收到，请再传一次"),
        };
        let mut problem = Self::of(code);
        let en = format!("{}: {not_kept}", problem.0.words.en);
        problem.0.words = Text { zh: zh.into(), en };
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let page = html! {
            (maud::DOCTYPE)
            html lang="zh-CN" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "派单 Paidan" }
                    link rel="stylesheet" href="/static/paidan.css";
                }
                body {
                    main {
                        h1 { (self.0.words.zh) }
                        p lang="en" { (self.0.words.en) }
                        @if !self.0.detail.is_empty() { p { (self.0.detail) } }
                        p { code { (self.0.number) } " · " a href="/" { "返回 Back" } }
                    }
                }
            }
        };
        let mut response = (self.0.status, page).into_response();
        self.wait_header(&mut response);
        response
    }
}

/// A problem as programs get it.
#[derive(Clone, Debug)]
pub struct Api(pub Problem);

macro_rules! api_from { ($($from:ty),+) => { $(impl From<$from> for Api {
    fn from(from: $from) -> Self { Self(from.into()) }
})+ } }
api_from!(Problem, Code, Fault, Denied, NotKept);

impl IntoResponse for Api {
    fn into_response(self) -> Response {
        let body = self.0.json().to_string();
        let mut response =
            (self.0.0.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        self.0.wait_header(&mut response);
        response
    }
}

/// Whether a path is for programs.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// The problem as the asker reads it: JSON below `/v1`, else a page.
pub fn shown(path: &str, problem: Problem) -> Response {
    if is_api(path) { Api(problem).into_response() } else { problem.into_response() }
}

/// For paths that lead nowhere.
pub async fn not_found(uri: axum::http::Uri) -> Response {
    shown(uri.path(), Problem::not_found())
}

/// For methods a path is not for.
pub async fn method(uri: axum::http::Uri) -> Response {
    shown(uri.path(), Problem::of(Code::Method))
}
