/** What a test gives to the program of a page that it runs, by the names that the page declares. */
export const given: Map<string, unknown> = new Map();
