/** Goes to a path of the page's own origin. Others are ignored. */
export function goTo(path: string): void {
  if (path.startsWith('/') && URL.canParse(path, location.href)) {
    const url = new URL(path, location.href);
    if (url.origin === location.origin) {
      location.assign(url);
      return;
    }
  }
  console.warn('sessions-jwt: ignored a path that is not of this origin');
}
