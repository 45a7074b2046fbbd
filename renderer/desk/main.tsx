// Starts the desk in its page.
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createQueryClient } from './queries.ts';
import '../shared/tokens.css';
import '../shared/base.css';
import '../shared/ui/ui.css';
import './desk.css';
import './shelf.css';

const root = document.getElementById('desk');
if (root === null) throw new Error('The page has no #desk to draw into.');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
