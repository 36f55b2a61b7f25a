import { expect } from 'chai';
import { NeedsConfiguration } from '../../src/foxx/errors.js';
import { Service } from '../../src/foxx/service.js';
import { errorOf } from '../support/outcomes.js';
import { fixture } from './support.js';

interface Shop {
  greet(name: string): string | undefined;
}

interface Player {
  name(): string;
  other(): string;
}

const greeter = fixture('greeter/manifest.json');
const shop = fixture('shop/manifest.json');
const ping = fixture('ping/manifest.json');
const pong = fixture('pong/manifest.json');
const configuration = { jwtSecret: 'hunter2' };

describe('dependencies of a service', () => {
  it('are the exports of the service given for the alias', async () => {
    const greetings = await Service.load(greeter);
    const service = await Service.load<Shop>(shop, { configuration, dependencies: { greetings } });
    expect(service.exports.greet('Ada')).to.equal('Hello, Ada');
  });

  it('are read anew each time, so that a dependency configured later shows', async () => {
    const greetings = await Service.load(greeter);
    const service = await Service.load<Shop>(shop, { configuration, dependencies: { greetings } });
    await greetings.configure({ greeting: 'Salut' });
    expect(service.exports.greet('Ada')).to.equal('Salut, Ada');
  });

  it('are undefined when optional and not given', async () => {
    expect((await Service.load<Shop>(shop, { configuration })).exports.greet('Ada')).to.equal(undefined);
  });

  it('are asked for by name when required and not given, and may be given later', async () => {
    const service = await Service.load<Player>(ping, { mount: '/ping' });
    expect(service.missing).to.deep.equal(['dependencies.other']);
    const { message } = await errorOf(() => service.exports);
    expect(message).to.equal('service "ping" at /ping needs configuration: dependencies.other');
    await service.configure({}, { other: await Service.load(pong, { dependencies: { other: service } }) });
    expect(service.exports.other()).to.equal('pong');
  });

  it('of another version are a TypeError naming alias, wanted and given', async () => {
    const greetings = { manifest: { name: 'greeter', version: '1.1.9' }, exports: {} };
    const error = await errorOf(() => Service.load(shop, { configuration, dependencies: { greetings } }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal('dependencies.greetings must be greeter:^1.2.0, not greeter:1.1.9');
  });

  it('of another name are a TypeError naming alias, wanted and given', async () => {
    const greetings = { manifest: { name: 'welcomer', version: '1.4.2' }, exports: {} };
    const error = await errorOf(() => Service.load(shop, { configuration, dependencies: { greetings } }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal('dependencies.greetings must be greeter:^1.2.0, not welcomer:1.4.2');
  });

  it('that are no service, or not in the manifest, are a TypeError naming the alias', async () => {
    const wrong: object = { greetings: { greet: () => 'Hello' } };
    const error = await errorOf(() => Service.load(shop, { configuration, dependencies: { ...wrong } }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.contain('dependencies.greetings must be a Service');
    const greeting = await Service.load(greeter);
    const unknown = await errorOf(() => Service.load(shop, { configuration, dependencies: { greeting } }));
    expect(unknown).to.be.instanceOf(TypeError);
    expect(unknown.message).to.contain('"greeting"').and.contain('"greetings"');
  });

  it('given without await say to write it', async () => {
    const wrong: object = { greetings: Service.load(greeter) };
    const { message } = await errorOf(() => Service.load(shop, { configuration, dependencies: { ...wrong } }));
    expect(message).to.equal(
      'dependencies.greetings must be a Service or a function that returns one, got a Promise: await it first',
    );
  });

  it('may go round in a circle through a function, asked at the first read', async () => {
    let second: Service | undefined;
    const first = await Service.load<Player>(ping, { dependencies: { other: () => second } });
    second = await Service.load(pong, { dependencies: { other: first } });
    expect(first.exports.other()).to.equal('pong');
    expect(Object(second.exports).other()).to.equal('ping');
  });

  it('given by a function are checked like others when first read', async () => {
    const greetings = () => ({ manifest: { name: 'greeter', version: '3.0.0' }, exports: {} });
    const service = await Service.load<Shop>(shop, { configuration, dependencies: { greetings } });
    const error = await errorOf(() => service.exports.greet('Ada'));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal('dependencies.greetings must be greeter:^1.2.0, not greeter:3.0.0');
  });

  it('read before their function has a service say to read later', async () => {
    const dependencies = { other: () => undefined };
    const error = await errorOf(() => Service.load(ping, { configuration: { early: true }, dependencies }));
    expect(error.cause).to.be.instanceOf(TypeError);
    expect(String(error.cause)).to.contain('dependencies.other').and.contain('later');
  });

  it('that wait for their own configuration do so under the alias of the one who reads them', async () => {
    const greetings = await Service.load(fixture('greeter/waiting.json'));
    const service = await Service.load<Shop>(shop, { configuration, dependencies: { greetings } });
    expect(service.isConfigured).to.equal(true);
    const error = await errorOf(() => service.exports.greet('Ada'), NeedsConfiguration);
    expect(error.keys).to.deep.equal(['dependencies.greetings']);
    expect(String(error.cause)).to.contain('service "greeter" at / needs configuration: greeting');
    await greetings.configure({ greeting: 'Salut' });
    expect(service.exports.greet('Ada')).to.equal('Salut, Ada');
  });

  it('that wait and are read while loading make their reader wait, until it is configured again', async () => {
    const other = await Service.load(pong);
    const early = await Service.load<Player>(ping, { configuration: { early: true }, dependencies: { other } });
    expect(early.missing).to.deep.equal(['dependencies.other']);
    expect(await errorOf(() => early.exports)).to.be.instanceOf(NeedsConfiguration);
    await other.configure({}, { other: early });
    await early.configure();
    expect(early.exports.other()).to.equal('pong');
  });
});
