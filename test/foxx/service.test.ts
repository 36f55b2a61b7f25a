import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ModuleFailed, NeedsConfiguration } from '../../src/foxx/errors.js';
import { importRouter } from '../../src/foxx/express-router.js';
import { Service } from '../../src/foxx/service.js';
import { errorOf } from '../support/outcomes.js';
import { fixture, warningsDuring } from './support.js';

interface Greeter {
  greet(name: string): string;
  about: { name: string; mount: string };
}

interface Shop {
  currency: string;
  secretLength: number;
  hasRouter: boolean;
  greet(name: string): string | undefined;
  applicationContext: { fileName(path: string): string };
}

const greeter = fixture('greeter/manifest.json');
const shop = fixture('shop/manifest.json');
const secret = { jwtSecret: 'hunter2' };

describe('Service.load', () => {
  it('exports the result of each module that the manifest names, async ones awaited', async () => {
    const service = await Service.load<Greeter>(greeter, { mount: '/greet' });
    expect(service.isConfigured).to.equal(true);
    expect(service.missing).to.deep.equal([]);
    expect(service.exports.greet('Ada')).to.equal('Hello, Ada');
    expect(service.exports.about).to.deep.equal({ name: 'greeter', mount: '/greet' });
  });

  it('takes a path, a URL and the text of a file: URL', async () => {
    for (const location of [greeter, pathToFileURL(greeter), pathToFileURL(greeter).href]) {
      const { basePath, manifest, mount } = await Service.load(location);
      expect({ basePath, version: manifest.version, mount }).to.deep.equal({
        basePath: dirname(greeter),
        version: '1.4.2',
        mount: '/',
      });
    }
  });

  it('exports the result of a lone module as it is, and gives it no router', async () => {
    const { exports } = await Service.load<Shop>(shop, { configuration: secret });
    expect(exports).to.include({ currency: 'EUR', secretLength: 7, hasRouter: false });
  });

  it('exports the result of main when the manifest names no exports', async () => {
    expect((await Service.load(fixture('main-only/manifest.json'))).exports).to.deep.equal({ answer: 42 });
  });

  it('exports an empty object when there is neither', async () => {
    expect((await Service.load(fixture('bare/manifest.json'))).exports).to.deep.equal({});
  });

  it('gives modules the values they were configured with', async () => {
    const { exports } = await Service.load<Greeter>(greeter, { configuration: { greeting: 'Salut' } });
    expect(exports.greet('Ada')).to.equal('Salut, Ada');
  });

  it('warns once of an unknown configuration key, not again when configured anew', async () => {
    const warnings = await warningsDuring(async () => {
      const service = await Service.load(greeter, { configuration: { greting: 'hunter2' } });
      await service.configure({ greeting: 'Salut' });
    });
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.code).to.equal('SESSIONS_UNKNOWN_CONFIGURATION');
    expect(warnings[0]?.message).to.contain('"greeter"').and.contain('"greting"').and.contain('"greeting"');
    expect(warnings[0]?.message).not.to.contain('hunter2');
  });

  it('resolves the files of a service inside its folder and nowhere else', async () => {
    const { applicationContext } = (await Service.load<Shop>(shop, { configuration: secret })).exports;
    expect(applicationContext.fileName('lib/index.js')).to.equal(fixture('shop/lib/index.js'));
    for (const path of ['../greeter/greet.js', '/etc/passwd', '..']) {
      expect(await errorOf(() => applicationContext.fileName(path))).to.be.instanceOf(TypeError);
    }
  });

  it('refuses a wrong option with a TypeError that names it', async () => {
    const options: [object, string][] = [
      [{ config: {} }, '"config"'],
      [{ mount: 'shop' }, 'mount'],
      [{ mount: 5 }, 'mount'],
      [{ configuration: 'text' }, 'configuration'],
      [{ configuration: { greeting: 5 } }, 'configuration.greeting'],
      [{ dependencies: [] }, 'dependencies'],
    ];
    for (const [wrong, name] of options) {
      const error = await errorOf(() => Service.load(greeter, wrong));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(name);
    }
  });

  it('says what to call a wrong option', async () => {
    const error = await errorOf(() => Reflect.apply(Service.load, Service, [greeter, { config: {} }]));
    expect(error.message).to.equal('Service.load: unknown option "config": call it configuration');
  });

  it('refuses a manifest that is not JSON, naming the file', async () => {
    const error = await errorOf(() => Service.load(fixture('broken/text.txt')));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.contain(fixture('broken/text.txt'));
    expect(error.cause).to.be.instanceOf(SyntaxError);
  });
});

describe('a module of a service', () => {
  it('that throws rejects the load with its file, its error as the cause and not its words', async () => {
    const load = () => Service.load(fixture('broken/throws.json'), { configuration: { token: 'hunter2' } });
    const error = await errorOf(load);
    expect(error).to.be.instanceOf(ModuleFailed).and.include({ code: 'ERR_FOXX_MODULE_FAILED', status: 500 });
    expect(error.message).to.contain(fixture('broken/throws.js')).and.not.contain('hunter2');
    expect(error.cause).to.be.instanceOf(RangeError);
  });

  it('that rejects with anything keeps it as the cause', async () => {
    expect((await errorOf(() => Service.load(fixture('broken/rejects.json')))).cause).to.equal('not even an error');
  });

  it('that is not there rejects the load with its file and the cause', async () => {
    const error = await errorOf(() => Service.load(fixture('broken/missing.json')));
    expect(error)
      .to.be.instanceOf(ModuleFailed)
      .and.include({ file: fixture('broken/nowhere.js') });
    expect(error.cause).to.include({ code: 'ERR_MODULE_NOT_FOUND' });
  });

  it('that default-exports no function is a TypeError naming the file', async () => {
    const error = await errorOf(() => Service.load(fixture('broken/plain.json')));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.contain(fixture('broken/plain.js'));
  });

  it('with routes asks for express by name when it is not installed', async () => {
    const cause = new Error('no such package');
    const error = await errorOf(() => importRouter(() => Promise.reject(cause)));
    expect(error.message).to.match(/^express: .*install/);
    expect(error.cause).to.equal(cause);
  });
});

describe('scripts of a service', () => {
  it('are called with the applicationContext and the arguments', async () => {
    const service = await Service.load(shop, { configuration: secret });
    const expected = { by: 'shop', currency: 'EUR', args: ['items.csv', 3] };
    expect(await service.run('import', 'items.csv', 3)).to.deep.equal(expected);
  });

  it('that are unknown are a TypeError naming the known ones', async () => {
    const service = await Service.load(shop, { configuration: secret });
    for (const name of ['export', 'constructor']) {
      const error = await errorOf(() => service.run(name));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(`"${name}"`).and.contain('"import"');
    }
  });

  it('pass their own errors on as they are', async () => {
    const service = await Service.load(shop, { configuration: secret });
    expect(await errorOf(() => service.run('fail'))).to.be.instanceOf(RangeError);
  });

  it('whose file is missing fail naming it', async () => {
    const service = await Service.load(shop, { configuration: secret });
    expect(await errorOf(() => service.run('gone'))).to.include({ file: fixture('shop/scripts/gone.js') });
  });

  it('do not run while the service needs configuration', async () => {
    expect(await errorOf(async () => (await Service.load(shop)).run('import'))).to.be.instanceOf(NeedsConfiguration);
  });
});

describe('inspecting', () => {
  it('a service shows its name and state, never a password', async () => {
    const service = await Service.load(shop, { configuration: secret, mount: '/shop' });
    const shown = inspect(service, { depth: 9, showHidden: true });
    expect(shown).to.contain('shop:2.0.0').and.contain('/shop').and.not.contain('hunter2');
  });

  it('an applicationContext shows its configuration with the passwords hidden', async () => {
    const { exports } = await Service.load<Shop>(shop, { configuration: secret });
    const shown = inspect(exports, { depth: 9 });
    expect(shown).to.contain('EUR').and.contain('[hidden]').and.not.contain('hunter2');
  });
});
