// Types of web pages that the types of playwright-core name. Tests use none of them: their lib would let sources use `document`.

interface Node {
  readonly nodeType: number;
}

interface HTMLElement extends Node {
  readonly tagName: string;
}

interface SVGElement extends Node {
  readonly tagName: string;
}

type HTMLElementTagNameMap = Record<string, HTMLElement>;
