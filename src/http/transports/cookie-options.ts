/** A place where a cookie of the same name may still lie. */
export interface CookieScope {
  /** Its Path. Default `'/'`. */
  readonly path?: string | undefined;
  /** Its Domain. Default none: the cookie of this host alone. */
  readonly domain?: string | undefined;
}

/** How the session cookie is named, where it is valid and how the browser keeps it (rfc6265bis section 4.1). */
export interface CookieOptions {
  /**
   * The cookie's name, case-sensitive, a token. Default `'sid'`.
   *
   * `__Host-sid` is what OWASP ASVS 3.3.3 asks for where one host owns the session: no sibling domain and no plain-HTTP
   * attacker can plant such a cookie. The prefixes `__Host-`, `__Secure-`, `__Http-` and `__Host-Http-` are recognised;
   * options that contradict the prefix are a TypeError. In development, over plain HTTP on a loopback address, the
   * prefix is dropped and a process warning says so (code `SESSIONS_PREFIX_DROPPED`).
   */
  readonly name?: string | undefined;
  /**
   * The path under which the browser sends the cookie back. Default `'/'`. It separates nothing: pages of one host
   * reach each other's cookies (rfc6265bis section 8.5). Begins with `/`, at most 1024 characters.
   */
  readonly path?: string | undefined;
  /**
   * The domain whose hosts all receive the cookie. Default none: this host alone, the safer choice, for any host under a
   * domain can plant and overwrite its cookies (rfc6265bis section 8.6). A leading dot is ignored, as browsers do.
   */
  readonly domain?: string | undefined;
  /**
   * Whether the browser sends the cookie over TLS only. Default `'auto'`: as secure as the request it answers, and always
   * secure when the name's prefix, `sameSite: 'none'` or `partitioned` ask for it. Behind a proxy that ends TLS,
   * `'auto'` needs the framework's trust-proxy setting. `false` lets anybody on the network read the sid
   * (OWASP ASVS 3.3.1).
   */
  readonly secure?: boolean | 'auto' | undefined;
  /** Whether scripts are kept from reading the cookie. Default `true`; `false` hands the sid to any injected script (OWASP ASVS 3.3.4). */
  readonly httpOnly?: boolean | undefined;
  /**
   * Which requests from other sites carry the cookie. Default `'lax'`: only top-level navigation by safe methods.
   * `'strict'`: none. `'none'`: all, so CSRF protection is all that is left, and Secure is forced (OWASP ASVS 3.3.2).
   */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;
  /**
   * Whether the cookie outlives the browser. Default `true`: it is kept until the session would expire (ten years when it
   * never does; browsers cut at 400 days). `false`: forgotten when the browser closes, though many restore it with
   * their tabs. `session.setLifetime({ persistent })` says otherwise for one session. The server's own expiry holds either way.
   */
  readonly persistent?: boolean | undefined;
  /** Whether an embedded page gets a cookie of its own for each embedding site (CHIPS). Default `false`; `true` forces Secure. */
  readonly partitioned?: boolean | undefined;
  /**
   * Other scopes under which this name was once set: cleared too whenever the cookie is cleared, so that a stale twin
   * cannot linger beside it. Default none.
   */
  readonly alsoClear?: readonly CookieScope[] | undefined;
}
