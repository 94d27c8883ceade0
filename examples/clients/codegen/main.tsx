import { feedLines, logIn } from './feed.ts';

const form = document.body.appendChild(document.createElement('form'));
form.innerHTML = '<input name="handle"><input name="password" type="password"><button>Log in</button>';
const output = document.body.appendChild(document.createElement('pre'));
form.onsubmit = async (event) => {
  event.preventDefault();
  const { handle, password } = Object.fromEntries(new FormData(form)) as Record<string, string>;
  try {
    await logIn(handle ?? '', password ?? '');
    output.textContent = (await feedLines()).join('\n');
  } catch (error) {
    output.textContent = String(error);
  }
};
