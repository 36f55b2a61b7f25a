/** Reads and assigns the session of a request. */
export interface SessionCell<Kind, Request> {
  get(request: Request): Kind | undefined;
  set(request: Request, session: Kind): void;
}

/** Where an application finds the session of a request. */
export interface Place<Request> {
  /** Whether something else is there, such as the session of another package or another activation. */
  isTaken(request: Request): boolean;
  /** Puts the session there. Called once for each request. */
  fill(request: Request): void;
}

/** Makes the place that has a name. */
export type PlaceOf<Kind, Request> = (name: string, cell: SessionCell<Kind, Request>) => Place<Request>;

/** A property of the request. */
export function asProperty<Kind, Request extends object>(
  name: string,
  cell: SessionCell<Kind, Request>,
): Place<Request> {
  // One for all requests: a function of its own for each would cost more than looking the visit up.
  // Not configurable, so that a package which would define its own in its place, such as cookie-session, throws at once.
  const accessor: PropertyDescriptor & ThisType<Request> = {
    configurable: false,
    enumerable: true,
    get() {
      return cell.get(this);
    },
    set(session: Kind) {
      cell.set(this, session);
    },
  };
  return {
    isTaken: (request) => hasProperty(request, name),
    fill: (request) => {
      Object.defineProperty(request, name, accessor);
    },
  };
}

/** Whether an object has a property, its own or inherited. A value of null or undefined is a placeholder. */
export function hasProperty(object: object, name: string): boolean {
  if (!(name in object)) return false;
  const found = propertyOf(object, name);
  return !(found !== undefined && 'value' in found && (found.value ?? undefined) === undefined);
}

/** A property of an object, its own or inherited. */
export function propertyOf(object: object, name: string): PropertyDescriptor | undefined {
  let holder: object | null = object;
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Reflect.getPrototypeOf(holder);
  return holder === null ? undefined : Object.getOwnPropertyDescriptor(holder, name);
}

/** Another session package would lose its session, or another activation the one of the routes outside. */
export function takenError(name: string): TypeError {
  return new TypeError(
    `activateSessions: the request already has a property ${JSON.stringify(name)}, of another session package or another activateSessions: remove that one, or give this one a property and a cookie of its own, with the options property and cookie`,
  );
}
