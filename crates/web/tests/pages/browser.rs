//! A browser without scripts: it follows links, sends the forms that are on the page, and keeps cookies.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use care::Care;
use tower::ServiceExt;

/// A page as it was answered.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
    /// The same, whatever it is.
    pub(crate) body: Vec<u8>,
}

/// The browser of one person.
pub(crate) struct Browser {
    router: Router,
    cookie: String,
}

/// A form of a page: where it goes and what it would send as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Browser {
    pub(crate) fn new(care: &Care) -> Self {
        Self { router: web::router(care.clone()), cookie: String::new() }
    }

    /// A browser in which `user` has signed in.
    pub(crate) async fn of(care: &Care, user: &str) -> Self {
        let mut browser = Self::new(care);
        let page = browser.get("/entrar").await;
        let form = page.form("/entrar").set("usuario", user).set("contrasena", test_support::PASSWORD);
        let page = browser.send(&form).await;
        assert!(page.status.is_success(), "{} {}", page.status, page.html);
        browser
    }

    pub(crate) fn forget_session(&mut self) {
        self.cookie.clear();
    }

    /// The cookie it would send.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Puts a cookie into it, as somebody else would who can write into this browser.
    pub(crate) fn plant(&mut self, cookie: &str) {
        cookie.clone_into(&mut self.cookie);
    }

    /// Opens an address and follows where it leads.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path.split('#').next().unwrap()).body(Body::empty()).unwrap();
        self.go(request, path).await
    }

    /// Sends a form as it stands.
    pub(crate) async fn send(&mut self, form: &Form) -> Page {
        let body: Vec<String> =
            form.fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(&form.action)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.go(request, &form.action).await
    }

    /// Sends a form with a file.
    pub(crate) async fn upload(&mut self, form: &Form, file: &[u8]) -> Page {
        self.upload_named(form, "a.txt", file).await
    }

    /// Sends a form with a file of this name.
    pub(crate) async fn upload_named(&mut self, form: &Form, file_name: &str, file: &[u8]) -> Page {
        let mut body = Vec::new();
        for (name, value) in &form.fields {
            body.extend(
                format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let part = format!("name=\"archivo\"; filename=\"{file_name}\"");
        body.extend(format!("--cut\r\ncontent-disposition: form-data; {part}\r\n\r\n").bytes());
        body.extend(file);
        body.extend(b"\r\n--cut--\r\n");
        let request = Request::post(&form.action)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.go(request, &form.action).await
    }

    /// The secret that forms of this session send back.
    pub(crate) async fn token(&mut self) -> String {
        let page = self.get("/").await;
        let form = page.html.split("name=\"_token\" value=\"").nth(1);
        form.map(|rest| rest.split('"').next().unwrap().to_owned()).unwrap_or_default()
    }

    /// Sends one request and follows nothing. A form is sent with these fields, with a file when `file` says so.
    pub(crate) async fn once(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        file: bool,
    ) -> Page {
        let request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        let request = if method == "GET" {
            request.body(Body::empty())
        } else if file {
            let mut body = String::new();
            for (name, value) in fields {
                body.push_str(&format!(
                    "--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                ));
            }
            body.push_str(
                "--cut\r\ncontent-disposition: form-data; name=\"archivo\"; filename=\"a.pdf\"\r\n\r\n",
            );
            body.push_str("%PDF-1.7 estudio\r\n--cut--\r\n");
            request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut").body(Body::from(body))
        } else {
            let body: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body.join("&")))
        };
        self.send_one(request.unwrap(), path).await
    }

    /// Sends a request with any head and body.
    pub(crate) async fn request(&mut self, request: Request<Body>) -> Page {
        let path = request.uri().path().to_owned();
        self.go(request, &path).await
    }

    async fn go(&mut self, request: Request<Body>, path: &str) -> Page {
        let page = self.send_one(request, path).await;
        if page.status.is_redirection() {
            let next = page.headers[header::LOCATION].to_str().unwrap().to_owned();
            return Box::pin(self.get(&next)).await;
        }
        page
    }

    async fn send_one(&mut self, mut request: Request<Body>, path: &str) -> Page {
        let peer: std::net::SocketAddr = "127.0.0.1:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        if !self.cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        if let Some(set) = response.headers().get(header::SET_COOKIE) {
            self.cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let html = String::from_utf8_lossy(&body).into_owned();
        Page { path: path.to_owned(), status: parts.status, headers: parts.headers, html, body }
    }
}

impl Page {
    /// The form that is sent to `action`, with the values of its hidden and text fields.
    pub(crate) fn form(&self, action: &str) -> Form {
        let forms = self.html.split("<form ").skip(1);
        let found = forms.map(|form| form.split("</form>").next().unwrap()).find(|form| {
            let open = form.split('>').next().unwrap();
            attribute(open, "action").is_some_and(|own| own == action || own.ends_with(action))
        });
        let form = found.unwrap_or_else(|| panic!("no form to {action} on {}: {}", self.path, self.html));
        let action = attribute(form.split('>').next().unwrap(), "action").unwrap();
        let inputs = form.split("<input ").skip(1).map(|input| input.split('>').next().unwrap());
        let fields =
            inputs.filter(|input| !input.contains("type=\"checkbox\"") && !input.contains("type=\"file\""));
        let fields = fields.filter_map(|input| {
            Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
        });
        Form { action, fields: fields.collect() }
    }

    /// The shared form of a consultation, sent by the first button whose address ends in `verb`.
    pub(crate) fn button(&self, verb: &str) -> Option<Form> {
        let mut buttons =
            self.html.split("formaction=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let action = buttons.find(|action| action.ends_with(verb))?.to_owned();
        let shared = self.html.split("id=\"revision\"").nth(1).unwrap().split("</form>").next().unwrap();
        let inputs = shared.split("<input ").skip(1);
        let fields = inputs
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect();
        Some(Form { action, fields })
    }

    /// The first link whose address contains `part`.
    pub(crate) fn link(&self, part: &str) -> Option<String> {
        let mut links = self.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links.find(|href| href.contains(part)).map(|href| href.replace("&amp;", "&").replace("&#38;", "&"))
    }

    pub(crate) fn shows(&self, words: &str) -> bool {
        self.html.contains(words)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(
        value
            .replace("&#34;", "\"")
            .replace("&#38;", "&")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#39;", "'"),
    )
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
