"""64 models by somebody who had not seen the clinic: 32 right, 32 with one silent bug each."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PAD, SOS = 0, 1


@dataclass
class Case:
    name: str
    right: bool
    bug: str
    make: Callable[..., tuple[nn.Module, tuple, dict]]


CASES: list[Case] = []


def case(bug=""):
    def register(f):
        def make(seed=0):
            torch.manual_seed(seed)
            return f()

        CASES.append(Case(f.__name__, not bug, bug, make))
        return f

    return register


def floats(b, t, f, lengths=None, time_first=False):
    x = torch.randn(b, t, f)
    if lengths is not None:
        for i, n in enumerate(lengths):
            x[i, n:] = 0
    return x.transpose(0, 1).contiguous() if time_first else x


def tokens(b, t, vocab, lengths=None, time_first=False, sos=False):
    x = torch.randint(3, vocab, (b, t))
    if sos:
        x[:, 0] = SOS
    if lengths is not None:
        for i, n in enumerate(lengths):
            x[i, n:] = PAD
    return x.t().contiguous() if time_first else x


def tags(b, t, n, lengths, ignore=-100):
    y = torch.randint(1, n, (b, t))
    for i, k in enumerate(lengths):
        y[i, k:] = ignore
    return y


def classes(b, n):
    return torch.arange(b) % n


CE = nn.CrossEntropyLoss


class SentimentLSTM(nn.Module):
    def __init__(self, vocab=30, emb=8, hid=12, n=3):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb, padding_idx=PAD)
        self.lstm = nn.LSTM(emb, hid, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hid, n)

    def forward(self, text, lengths):
        packed = pack_padded_sequence(
            self.embedding(text), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = self.lstm(packed)
        return F.log_softmax(self.fc(self.dropout(hidden[-1])), dim=1)


@case()
def sentiment_lstm_packed():
    n = [9, 4, 7, 2, 6]
    return (
        SentimentLSTM(),
        (tokens(5, 9, 30, n), torch.tensor(n)),
        {"lengths": n, "target": classes(5, 3), "loss": nn.NLLLoss()},
    )


class DeepBiGRU(nn.Module):
    def __init__(self, f=5, hid=10, layers=2, n=4):
        super().__init__()
        self.layers, self.hid = layers, hid
        self.gru = nn.GRU(f, hid, layers, batch_first=True, bidirectional=True, dropout=0.2)
        self.head = nn.Linear(2 * hid, n)

    def forward(self, x, lengths):
        b = x.size(0)
        p = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(p)
        h = h.view(self.layers, 2, b, self.hid)[-1]
        return self.head(torch.cat([h[0], h[1]], dim=-1))


@case()
def deep_bigru_packed_hn():
    n = [3, 8, 5, 6, 8, 1]
    return (
        DeepBiGRU(),
        (floats(6, 8, 5, n), torch.tensor(n)),
        {"lengths": n, "target": classes(6, 4), "loss": CE()},
    )


class ElmanLearnedStart(nn.Module):
    def __init__(self, f=3, hid=9):
        super().__init__()
        self.rnn = nn.RNN(f, hid, num_layers=2, nonlinearity="tanh")
        self.h0 = nn.Parameter(torch.zeros(2, 1, hid))
        self.out = nn.Linear(hid, 1)

    def forward(self, x):
        h0 = self.h0.expand(-1, x.size(1), -1).contiguous()
        output, _ = self.rnn(x, h0)
        return self.out(output[-1])


@case()
def elman_learned_h0():
    return (
        ElmanLearnedStart(),
        (floats(5, 11, 3, time_first=True),),
        {"target": torch.randn(5, 1), "loss": nn.MSELoss(), "batch_first": False},
    )


class BiLSTMTagger(nn.Module):
    def __init__(self, vocab=40, emb=10, hid=14, n=6):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb, padding_idx=PAD)
        self.lstm = nn.LSTM(emb, hid // 2, batch_first=True, bidirectional=True)
        self.hidden2tag = nn.Linear(hid, n)

    def forward(self, sent, lengths):
        p = pack_padded_sequence(self.emb(sent), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(p)[0], batch_first=True, total_length=sent.size(1))
        return self.hidden2tag(out).permute(0, 2, 1)


@case()
def bilstm_tagger():
    n = [5, 10, 8, 3]
    return (
        BiLSTMTagger(),
        (tokens(4, 10, 40, n), torch.tensor(n)),
        {"lengths": n, "target": tags(4, 10, 6, n), "loss": CE(ignore_index=-100)},
    )


class CharGRU(nn.Module):
    def __init__(self, vocab=25, hid=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, hid)
        self.gru = nn.GRU(hid, hid, num_layers=2, dropout=0.1, batch_first=True)
        self.decoder = nn.Linear(hid, vocab)

    def forward(self, x):
        out, _ = self.gru(self.embed(x))
        return self.decoder(out).transpose(1, 2)


@case()
def char_gru_lm():
    text = tokens(6, 13, 25)
    return CharGRU(), (text[:, :-1],), {"target": text[:, 1:], "loss": CE()}


class WordLM(nn.Module):
    """After the PyTorch word_language_model example; tied weights."""

    def __init__(self, ntoken=33, ninp=12, nlayers=2):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, ninp, nlayers, dropout=0.2)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        self.ntoken, self.nhid, self.nlayers = ntoken, ninp, nlayers

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        decoded = self.decoder(self.drop(output))
        return decoded.view(-1, self.ntoken), hidden

    def init_hidden(self, bsz):
        w = next(self.parameters())
        return w.new_zeros(self.nlayers, bsz, self.nhid), w.new_zeros(self.nlayers, bsz, self.nhid)


@case()
def word_lm_tied():
    data = tokens(5, 9, 33, time_first=True)
    m = WordLM()
    return (
        m,
        (data[:-1], m.init_hidden(5)),
        {"target": data[1:].reshape(-1), "loss": CE(), "batch_first": False},
    )


class SineCells(nn.Module):
    def __init__(self, f=2, hid=11):
        super().__init__()
        self.hid = hid
        self.lstm1 = nn.LSTMCell(f, hid)
        self.lstm2 = nn.LSTMCell(hid, hid)
        self.linear = nn.Linear(hid, f)

    def forward(self, x):
        b = x.size(1)
        h1, c1, h2, c2 = (x.new_zeros(b, self.hid) for _ in range(4))
        outputs = []
        for step in x:
            h1, c1 = self.lstm1(step, (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
            outputs.append(self.linear(h2))
        return torch.stack(outputs, 0)


@case()
def sine_lstmcells():
    s = floats(4, 11, 2, time_first=True)
    return SineCells(), (s[:-1],), {"target": s[1:], "loss": nn.MSELoss(), "batch_first": False}


class RolloutGRU(nn.Module):
    def __init__(self, hid=10, horizon=3):
        super().__init__()
        self.cell, self.fc = nn.GRUCell(1, hid), nn.Linear(hid, 1)
        self.hid, self.horizon = hid, horizon

    def forward(self, x):
        h = torch.zeros(x.shape[0], self.hid, device=x.device)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        preds = [self.fc(h)]
        for _ in range(self.horizon - 1):
            h = self.cell(preds[-1], h)
            preds.append(self.fc(h))
        return torch.cat(preds, dim=1)


@case()
def rollout_grucell_forecaster():
    return RolloutGRU(), (floats(7, 10, 1),), {"target": torch.randn(7, 3), "loss": nn.MSELoss()}


class LuongSeq2Seq(nn.Module):
    def __init__(self, sv=30, tv=26, d=12):
        super().__init__()
        self.src_emb, self.tgt_emb = (
            nn.Embedding(sv, d, padding_idx=PAD),
            nn.Embedding(tv, d, padding_idx=PAD),
        )
        self.encoder = nn.LSTM(d, d, batch_first=True)
        self.decoder = nn.LSTM(d, d, batch_first=True)
        self.wa = nn.Linear(d, d, bias=False)
        self.wc = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, tv)

    def forward(self, src, lengths, tgt_in):
        p = pack_padded_sequence(self.src_emb(src), lengths, batch_first=True, enforce_sorted=False)
        enc, state = self.encoder(p)
        enc, _ = pad_packed_sequence(enc, batch_first=True, total_length=src.size(1))
        dec, _ = self.decoder(self.tgt_emb(tgt_in), state)
        score = dec @ self.wa(enc).transpose(1, 2)
        score = score.masked_fill((src == PAD).unsqueeze(1), float("-inf"))
        ctx = score.softmax(dim=-1) @ enc
        return self.out(torch.tanh(self.wc(torch.cat([ctx, dec], -1)))).transpose(1, 2)


@case()
def luong_seq2seq():
    n = [6, 9, 4, 8, 5]
    tgt = tokens(5, 8, 26, sos=True)
    return (
        LuongSeq2Seq(),
        (tokens(5, 9, 30, n), torch.tensor(n), tgt[:, :-1]),
        {"lengths": n, "target": tgt[:, 1:], "loss": CE()},
    )


class BridgeSeq2Seq(nn.Module):
    """Time-first, bidirectional encoder, step-wise decoder with scheduled sampling."""

    def __init__(self, sv=24, tv=22, d=10):
        super().__init__()
        self.se, self.te = nn.Embedding(sv, d), nn.Embedding(tv, d)
        self.enc = nn.GRU(d, d, bidirectional=True)
        self.bridge = nn.Linear(2 * d, d)
        self.dec = nn.GRU(2 * d, d)
        self.fc = nn.Linear(2 * d, tv)

    def forward(self, src, trg, ratio=0.5):
        _, h = self.enc(self.se(src))
        ctx = torch.tanh(self.bridge(torch.cat((h[-2], h[-1]), dim=1))).unsqueeze(0)
        hidden, inp, outs = ctx, trg[0], []
        for t in range(1, trg.size(0)):
            e = self.te(inp).unsqueeze(0)
            o, hidden = self.dec(torch.cat((e, ctx), 2), hidden)
            pred = self.fc(torch.cat((o, ctx), 2).squeeze(0))
            outs.append(pred)
            teacher = not self.training or random.random() < ratio
            inp = trg[t] if teacher else pred.argmax(1)
        return torch.stack(outs).flatten(0, 1)


@case()
def bridge_seq2seq_bidir():
    src, trg = tokens(5, 9, 24, time_first=True), tokens(5, 7, 22, time_first=True, sos=True)
    return (
        BridgeSeq2Seq(),
        (src, trg),
        {"target": trg[1:].reshape(-1), "loss": CE(), "batch_first": False},
    )


class ConvLSTMNet(nn.Module):
    """Sensor channels (B, C, T), convolutions over time, then an LSTM."""

    def __init__(self, c=6, n=5):
        super().__init__()
        self.conv1 = nn.Conv1d(c, 16, 3, padding=1)
        self.conv2 = nn.Conv1d(16, 12, 3, padding=1)
        self.lstm = nn.LSTM(12, 10, num_layers=2, batch_first=True)
        self.fc = nn.Linear(10, n)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = x.permute(0, 2, 1)
        x, _ = self.lstm(x)
        x = F.dropout(x[:, -1, :], 0.3, self.training)
        return self.fc(x)


@case()
def deepconvlstm_sensors():
    return ConvLSTMNet(), (torch.randn(5, 6, 14),), {"target": classes(5, 5), "loss": CE()}


class RowLSTM(nn.Module):
    def __init__(self, width=12, hid=16, n=10):
        super().__init__()
        self.lstm = nn.LSTM(width, hid, 2)
        self.fc = nn.Linear(hid, n)

    def forward(self, img):
        rows = img.squeeze(1).permute(1, 0, 2)
        h0 = torch.zeros(2, rows.size(1), 16, device=img.device)
        c0 = torch.zeros(2, rows.size(1), 16, device=img.device)
        out, (_hn, _cn) = self.lstm(rows, (h0, c0))
        return self.fc(out[-1, :, :])


@case()
def image_rows_lstm():
    return RowLSTM(), (torch.rand(6, 1, 12, 12),), {"target": classes(6, 10), "loss": CE()}


class LRCN(nn.Module):
    def __init__(self, hid=9, n=4):
        super().__init__()
        self.hid = hid
        self.cnn = nn.Sequential(
            nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
        )
        self.rnn = nn.LSTM(24, hid, batch_first=True, bidirectional=True)
        self.cls = nn.Linear(2 * hid, n)

    def forward(self, clip):
        b, t, c, h, w = clip.shape
        f = self.cnn(clip.reshape(b * t, c, h, w)).view(b, t, -1)
        out, _ = self.rnn(f)
        summary = torch.cat((out[:, -1, : self.hid], out[:, 0, self.hid :]), dim=1)
        return self.cls(summary)


@case()
def video_lrcn_bidir_ends():
    return LRCN(), (torch.randn(4, 7, 3, 10, 10),), {"target": classes(4, 4), "loss": CE()}


class WordAttn(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.proj, self.ctx = nn.Linear(d, d), nn.Linear(d, 1, bias=False)

    def forward(self, h):
        a = torch.softmax(self.ctx(torch.tanh(self.proj(h))), dim=1)
        return (a * h).sum(1)


class HAN(nn.Module):
    def __init__(self, vocab=50, e=8, hid=7, n=3):
        super().__init__()
        self.emb = nn.Embedding(vocab, e)
        self.word_gru = nn.GRU(e, hid, batch_first=True, bidirectional=True)
        self.word_att = WordAttn(2 * hid)
        self.sent_gru = nn.GRU(2 * hid, hid, batch_first=True, bidirectional=True)
        self.sent_att = WordAttn(2 * hid)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, docs):
        b, s, w = docs.size()
        words, _ = self.word_gru(self.emb(docs.view(b * s, w)))
        sents = self.word_att(words).view(b, s, -1)
        out, _ = self.sent_gru(sents)
        return self.fc(self.sent_att(out))


@case()
def hierarchical_attention():
    return HAN(), (torch.randint(1, 50, (4, 6, 7)),), {"target": classes(4, 3), "loss": CE()}


class MaLSTM(nn.Module):
    def __init__(self, vocab=35, e=9, hid=8):
        super().__init__()
        self.emb = nn.Embedding(vocab, e)
        self.lstm = nn.LSTM(e, hid, batch_first=True)

    def encode(self, x):
        return self.lstm(self.emb(x))[1][0].squeeze(0)

    def forward(self, a, b):
        return torch.exp(-torch.norm(self.encode(a) - self.encode(b), p=1, dim=1))


@case()
def siamese_malstm():
    return (
        MaLSTM(),
        (tokens(6, 8, 35), tokens(6, 10, 35)),
        {"target": torch.rand(6), "loss": nn.MSELoss()},
    )


class LSTMAutoencoder(nn.Module):
    def __init__(self, f=3, hid=12, latent=5):
        super().__init__()
        self.enc1 = nn.LSTM(f, hid, batch_first=True)
        self.enc2 = nn.LSTM(hid, latent, batch_first=True)
        self.dec1 = nn.LSTM(latent, latent, batch_first=True)
        self.dec2 = nn.LSTM(latent, hid, batch_first=True)
        self.out = nn.Linear(hid, f)

    def forward(self, x):
        y, _ = self.enc1(x)
        _, (z, _) = self.enc2(y)
        z = z[-1].unsqueeze(1).repeat(1, x.size(1), 1)
        y, _ = self.dec1(z)
        y, _ = self.dec2(y)
        return self.out(y)


@case()
def lstm_autoencoder_repeat():
    x = floats(5, 8, 3)
    return LSTMAutoencoder(), (x,), {"target": x, "loss": nn.MSELoss()}


class SeqVAE(nn.Module):
    def __init__(self, f=4, hid=10, z=3):
        super().__init__()
        self.enc = nn.GRU(f, hid, batch_first=True)
        self.mu, self.logvar = nn.Linear(hid, z), nn.Linear(hid, z)
        self.start = nn.Linear(z, hid)
        self.dec = nn.GRU(f + z, hid, batch_first=True)
        self.out = nn.Linear(hid, f)

    def forward(self, x):
        h = self.enc(x)[1][-1]
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        prev = F.pad(x[:, :-1], (0, 0, 1, 0))
        zs = z.unsqueeze(1).expand(-1, x.size(1), -1)
        d, _ = self.dec(torch.cat([prev, zs], -1), torch.tanh(self.start(z)).unsqueeze(0))
        return {"recon": self.out(d), "mu": mu, "logvar": logvar}


@case()
def sequence_vae_dict():
    x = floats(6, 9, 4)
    return SeqVAE(), (x,), {"target": x, "loss": nn.MSELoss()}


class MaskedMeanGRU(nn.Module):
    def __init__(self, f=6, hid=10):
        super().__init__()
        self.gru = nn.GRU(f, hid, batch_first=True)
        self.norm = nn.LayerNorm(hid)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x, mask):
        out, _ = self.gru(x)
        out = self.norm(out) * mask.unsqueeze(-1)
        pooled = out.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return self.fc(pooled).squeeze(1)


@case()
def masked_mean_gru():
    n = [7, 12, 3, 9]
    mask = (torch.arange(12)[None] < torch.tensor(n)[:, None]).float()
    return (
        MaskedMeanGRU(),
        (floats(4, 12, 6, n), mask),
        {
            "lengths": n,
            "target": torch.tensor([0.0, 1.0, 1.0, 0.0]),
            "loss": nn.BCEWithLogitsLoss(),
        },
    )


class InferSentMax(nn.Module):
    def __init__(self, vocab=30, e=7, hid=9, n=3):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.lstm = nn.LSTM(e, hid, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids, lengths):
        p = pack_padded_sequence(
            self.emb(ids), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        out, _ = pad_packed_sequence(
            self.lstm(p)[0], batch_first=True, total_length=ids.size(1), padding_value=float("-inf")
        )
        return self.fc(out.max(dim=1).values)


@case()
def infersent_max_pool():
    n = [4, 11, 6, 9, 2, 7]
    return (
        InferSentMax(),
        (tokens(6, 11, 30, n), torch.tensor(n)),
        {"lengths": n, "target": classes(6, 3), "loss": CE()},
    )


class AttnPoolPadInside(nn.Module):
    def __init__(self, vocab=45, e=8, hid=6, n=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.gru = nn.GRU(e, hid, bidirectional=True)
        self.score = nn.Linear(2 * hid, 1)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids):
        keep = ids.ne(PAD)
        p = pack_padded_sequence(self.emb(ids), keep.sum(0).cpu(), enforce_sorted=False)
        out, _ = pad_packed_sequence(self.gru(p)[0], total_length=ids.size(0))
        w = self.score(out).squeeze(-1).masked_fill(~keep, -1e9).softmax(0)
        return self.fc(torch.einsum("tb,tbh->bh", w, out)), w


@case()
def attention_pool_time_first():
    n = [10, 4, 8, 5]
    return (
        AttnPoolPadInside(),
        (tokens(4, 10, 45, n, time_first=True),),
        {"lengths": n, "target": classes(4, 4), "loss": CE(), "batch_first": False},
    )


class LSTMSelfAttention(nn.Module):
    def __init__(self, f=5, hid=12, n=3):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, batch_first=True)
        self.mha = nn.MultiheadAttention(hid, 3, batch_first=True)
        self.ln = nn.LayerNorm(hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x, lengths):
        pad = torch.arange(x.size(1), device=x.device)[None, :] >= lengths[:, None]
        h, _ = self.lstm(x)
        a, _ = self.mha(h, h, h, key_padding_mask=pad, need_weights=False)
        h = self.ln(h + a).masked_fill(pad.unsqueeze(-1), 0.0)
        return self.fc(h.sum(1) / lengths.unsqueeze(1))


@case()
def lstm_multihead_masked():
    n = [9, 5, 7, 3, 6]
    return (
        LSTMSelfAttention(),
        (floats(5, 9, 5, n), torch.tensor(n)),
        {"lengths": n, "target": classes(5, 3), "loss": CE()},
    )


class ProjSpeech(nn.Module):
    def __init__(self, f=8, n=5):
        super().__init__()
        self.rnn = nn.LSTM(f, 16, num_layers=3, proj_size=6, dropout=0.1)
        self.fc = nn.Linear(6, n)

    def forward(self, frames, lengths):
        p = pack_padded_sequence(frames, lengths.cpu(), enforce_sorted=False)
        _, (h, _) = self.rnn(p)
        emb = F.normalize(h[-1], dim=1)
        return self.fc(emb)


@case()
def projected_lstm_speaker():
    n = [12, 6, 9, 11]
    return (
        ProjSpeech(),
        (floats(4, 12, 8, n, time_first=True), torch.tensor(n)),
        {"lengths": n, "target": classes(4, 5), "loss": CE(), "batch_first": False},
    )


class StackedWithBN(nn.Module):
    def __init__(self, f=4):
        super().__init__()
        self.lstm1 = nn.LSTM(f, 12, batch_first=True)
        self.bn1 = nn.BatchNorm1d(12)
        self.lstm2 = nn.LSTM(12, 8, batch_first=True)
        self.bn2 = nn.BatchNorm1d(8)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x, _ = self.lstm1(x)
        x = self.bn1(x.transpose(1, 2)).transpose(1, 2)
        x, _ = self.lstm2(x)
        return self.fc(self.bn2(x[:, -1]))


@case()
def stacked_lstm_batchnorm():
    return StackedWithBN(), (floats(8, 10, 4),), {"target": classes(8, 2), "loss": CE()}


class ResidualStack(nn.Module):
    def __init__(self, f=5, hid=10, depth=3):
        super().__init__()
        self.inp = nn.Linear(f, hid)
        self.rnns = nn.ModuleList(nn.GRU(hid, hid, batch_first=True) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(hid) for _ in range(depth))
        self.out = nn.Linear(hid, 1)

    def forward(self, x):
        x = self.inp(x)
        for rnn, norm in zip(self.rnns, self.norms, strict=False):
            y, _ = rnn(norm(x))
            x = x + y
        return self.out(x)


@case()
def residual_gru_stack():
    return (
        ResidualStack(),
        (floats(6, 11, 5),),
        {"target": torch.randn(6, 11, 1), "loss": nn.MSELoss()},
    )


class TakeLastHidden(nn.Module):
    def forward(self, rnn_result):
        _, (h_n, _) = rnn_result
        return h_n[-1]


@case()
def sequential_with_extractor():
    m = nn.Sequential(
        nn.Embedding(28, 8),
        nn.LSTM(8, 10, num_layers=2, batch_first=True),
        TakeLastHidden(),
        nn.Dropout(0.2),
        nn.Linear(10, 3),
    )
    return m, (tokens(5, 12, 28),), {"target": classes(5, 3), "loss": CE()}


class StreamForecaster(nn.Module):
    def __init__(self, f=2, hid=8):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, batch_first=True)
        self.fc = nn.Linear(hid, 1)
        self.state = None

    def reset(self):
        self.state = None

    def forward(self, x):
        out, state = self.lstm(x, self.state)
        self.state = tuple(s.detach() for s in state)
        return self.fc(out[:, -1])


@case()
def stateful_stream():
    return (
        StreamForecaster(),
        (floats(4, 6, 2),),
        {"target": torch.randn(4, 1), "loss": nn.MSELoss(), "stateful": True},
    )


class SalesNet(nn.Module):
    def __init__(self, f=3, s=4, stores=9, hid=10):
        super().__init__()
        self.store = nn.Embedding(stores, 3)
        self.gru = nn.GRU(f + s, hid, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(hid + 3, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, series, static, store_id):
        s = static.unsqueeze(1).expand(-1, series.size(1), -1)
        _, h = self.gru(torch.cat([series, s], dim=2))
        return self.mlp(torch.cat([h.squeeze(0), self.store(store_id)], dim=1)).squeeze(-1)


@case()
def sales_static_features():
    return (
        SalesNet(),
        (floats(7, 9, 3), torch.randn(7, 4), torch.randint(0, 9, (7,))),
        {"target": torch.randn(7), "loss": nn.MSELoss()},
    )


class SortUnsort(nn.Module):
    def __init__(self, vocab=30, e=8, hid=9, n=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.gru = nn.GRU(e, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids, lengths):
        sorted_len, order = lengths.sort(descending=True)
        _, restore = order.sort()
        p = pack_padded_sequence(self.emb(ids[order]), sorted_len.cpu(), batch_first=True)
        _, h = self.gru(p)
        h = h.index_select(1, restore)
        return self.fc(h.transpose(0, 1).reshape(ids.size(0), -1))


@case()
def manual_sort_and_restore():
    n = [3, 8, 5, 7, 2, 6]
    return (
        SortUnsort(),
        (tokens(6, 8, 30, n), torch.tensor(n)),
        {"lengths": n, "target": classes(6, 4), "loss": CE()},
    )


class LastValidStep(nn.Module):
    def __init__(self, f=4, hid=9):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, num_layers=2)
        self.fc = nn.Linear(hid, 2)

    def forward(self, x, lengths):
        out, _ = self.lstm(x)
        last = out[lengths - 1, torch.arange(x.size(1), device=x.device)]
        return self.fc(last)


@case()
def last_valid_step_time_first():
    n = [10, 3, 7, 5, 9]
    return (
        LastValidStep(),
        (floats(5, 10, 4, n, time_first=True), torch.tensor(n)),
        {"lengths": n, "target": classes(5, 2), "loss": CE(), "batch_first": False},
    )


class DRQN(nn.Module):
    def __init__(self, obs=6, hid=12, actions=3):
        super().__init__()
        self.enc = nn.Linear(obs, hid)
        self.lstm = nn.LSTM(hid, hid, batch_first=True)
        self.adv, self.val = nn.Linear(hid, actions), nn.Linear(hid, 1)

    def forward(self, obs, hx=None):
        y, hx = self.lstm(F.relu(self.enc(obs)), hx)
        a = self.adv(y)
        return self.val(y) + a - a.mean(-1, keepdim=True), hx


@case()
def dueling_drqn_hx():
    return DRQN(), (floats(5, 8, 6),), {}


class HandBidirectional(nn.Module):
    """Two LSTMs; the second reads each sequence reversed within its own length."""

    def __init__(self, f=4, hid=7, n=3):
        super().__init__()
        self.fwd, self.bwd = nn.LSTM(f, hid, batch_first=True), nn.LSTM(f, hid, batch_first=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, x, lengths):
        b, t, f = x.shape
        steps = torch.arange(t, device=x.device).expand(b, t)
        rev = lengths[:, None] - 1 - steps
        rev = torch.where(rev >= 0, rev, steps)
        xr = x.gather(1, rev.unsqueeze(-1).expand(-1, -1, f))
        rows = torch.arange(b, device=x.device)
        last_f = self.fwd(x)[0][rows, lengths - 1]
        last_b = self.bwd(xr)[0][rows, lengths - 1]
        return self.fc(torch.cat([last_f, last_b], 1))


@case()
def hand_made_bidirectional():
    n = [6, 9, 2, 7]
    return (
        HandBidirectional(),
        (floats(4, 9, 4, n), torch.tensor(n)),
        {"lengths": n, "target": classes(4, 3), "loss": CE()},
    )


class ElmoLM(nn.Module):
    """Forward LM predicts the next token, backward LM the previous one."""

    def __init__(self, vocab=27, d=10):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.f, self.b = nn.LSTM(d, d, batch_first=True), nn.LSTM(d, d, batch_first=True)
        self.out = nn.Linear(d, vocab)

    def forward(self, x):
        e = self.emb(x)
        hf, _ = self.f(e)
        hb, _ = self.b(e.flip(1))
        return self.out(hf).transpose(1, 2), self.out(hb.flip(1)).transpose(1, 2)


@case()
def elmo_two_way_lm():
    t = tokens(6, 11, 27)
    return ElmoLM(), (t[:, :-1],), {"target": t[:, 1:], "loss": CE()}


class ToxicBiLSTM(nn.Module):
    def __init__(self, vocab=32, e=8, hid=10):
        super().__init__()
        self.embedding = nn.Embedding(vocab, e)
        self.lstm = nn.LSTM(e, hid, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * hid, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        h, _ = self.lstm(self.embedding(x))
        h = F.relu(self.linear(h[:, -1, :]))
        return self.out(h)


@case(
    "Reads output[:, -1] of a bidirectional LSTM, where the backward direction has seen only "
    "the last token."
)
def toxic_bilstm():
    return (
        ToxicBiLSTM(),
        (tokens(6, 10, 32),),
        {"target": torch.tensor([0.0, 1, 1, 0, 1, 0])[:, None], "loss": nn.BCEWithLogitsLoss()},
    )


class GRUFlatHidden(nn.Module):
    def __init__(self, f=4, hid=8, layers=2, n=3):
        super().__init__()
        self.gru = nn.GRU(f, hid, layers, batch_first=True, dropout=0.1)
        self.fc = nn.Linear(layers * hid, n)

    def forward(self, x):
        _, hn = self.gru(x)
        return self.fc(hn.view(x.size(0), -1))


@case(
    "h_n (layers, batch, hidden) is flattened with view(batch, -1) without a transpose, so "
    "rows mix different examples."
)
def gru_flat_hidden():
    return GRUFlatHidden(), (floats(6, 9, 4),), {"target": classes(6, 3), "loss": CE()}


class NewsGRU(nn.Module):
    def __init__(self, vocab=40, e=9, hid=12, n=4):
        super().__init__()
        self.embed = nn.Embedding(vocab, e)
        self.gru = nn.GRU(e, hid, num_layers=1)
        self.fc = nn.Linear(hid, n)

    def forward(self, text):
        out, _ = self.gru(self.embed(text))
        return self.fc(out[:, -1, :])


@case(
    "batch_first=True is missing although the input is (batch, steps), so the GRU runs along "
    "the batch."
)
def news_gru():
    return NewsGRU(), (tokens(5, 8, 40),), {"target": classes(5, 4), "loss": CE()}


class MeanPoolProj(nn.Module):
    def __init__(self, f=6, n=3):
        super().__init__()
        self.lstm = nn.LSTM(f, 12, batch_first=True, bidirectional=True, proj_size=5)
        self.fc = nn.Linear(10, n)

    def forward(self, x, lengths):
        p = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(p)[0], batch_first=True, total_length=x.size(1))
        return self.fc(out.mean(dim=1))


@case("The mean over the steps divides by the padded length and not by each example's own length.")
def mean_pool_projected():
    n = [3, 11, 6, 8]
    return (
        MeanPoolProj(),
        (floats(4, 11, 6, n), torch.tensor(n)),
        {"lengths": n, "target": classes(4, 3), "loss": CE()},
    )


class ReviewLSTM(nn.Module):
    def __init__(self, vocab=36, e=8, hid=10):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.lstm = nn.LSTM(e, hid, 2, batch_first=True, dropout=0.2)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x):
        out, _ = self.lstm(self.emb(x))
        return self.fc(self.drop(out[:, -1])).squeeze(1)


@case("Takes output[:, -1] of right-padded sequences, that is the state after the padding tokens.")
def review_lstm():
    n = [5, 12, 8, 3, 9]
    return (
        ReviewLSTM(),
        (tokens(5, 12, 36, n),),
        {"lengths": n, "target": torch.tensor([0.0, 1, 0, 1, 1]), "loss": nn.BCEWithLogitsLoss()},
    )


class AttnBiGRU(nn.Module):
    def __init__(self, vocab=30, e=8, hid=7, n=3):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.gru = nn.GRU(e, hid, bidirectional=True, batch_first=True)
        self.att = nn.Sequential(nn.Linear(2 * hid, 8), nn.Tanh(), nn.Linear(8, 1))
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids, lengths):
        p = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.gru(p)[0], batch_first=True, total_length=ids.size(1))
        w = torch.softmax(self.att(out), dim=1)
        return self.fc((w * out).sum(1)), w.squeeze(-1)


@case("The attention softmax has no mask, so padded steps take a share of the weights.")
def attention_bigru():
    n = [9, 4, 6, 3, 8, 5]
    return (
        AttnBiGRU(),
        (tokens(6, 9, 30, n), torch.tensor(n)),
        {"lengths": n, "target": classes(6, 3), "loss": CE()},
    )


class BothEnds(nn.Module):
    def __init__(self, f=5, hid=8, n=4):
        super().__init__()
        self.hid = hid
        self.rnn = nn.LSTM(f, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, x, lengths):
        out, _ = self.rnn(x)
        fwd = out[torch.arange(x.size(0), device=x.device), lengths - 1, : self.hid]
        bwd = out[:, 0, self.hid :]
        return self.fc(torch.cat([fwd, bwd], dim=1))


@case(
    "The padded batch is not packed, so the backward direction starts in the padding before "
    "it reads the real steps."
)
def both_ends_bilstm():
    n = [10, 6, 4, 8]
    return (
        BothEnds(),
        (floats(4, 10, 5, n), torch.tensor(n)),
        {"lengths": n, "target": classes(4, 4), "loss": CE()},
    )


class SortedEncoder(nn.Module):
    def __init__(self, f=4, hid=9, n=3):
        super().__init__()
        self.lstm = nn.LSTM(f, hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x, lengths):
        lengths, perm = torch.sort(lengths, descending=True)
        p = pack_padded_sequence(x[:, perm], lengths.cpu())
        _, (h, _) = self.lstm(p)
        return self.fc(h[-1])


@case(
    "The batch is sorted by length for packing and the result is never put back into the "
    "original order."
)
def sorted_encoder():
    n = [4, 9, 2, 7, 6]
    return (
        SortedEncoder(),
        (floats(5, 9, 4, n, time_first=True), torch.tensor(n)),
        {"lengths": n, "target": classes(5, 3), "loss": CE(), "batch_first": False},
    )


class GatherLast(nn.Module):
    def __init__(self, vocab=33, e=7, hid=10, n=3):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.gru = nn.GRU(e, hid, batch_first=True)
        self.fc = nn.Linear(hid, n)

    def forward(self, ids):
        out, _ = self.gru(self.emb(ids))
        last = (ids != PAD).sum(1).clamp(max=ids.size(1) - 1)
        idx = last.view(-1, 1, 1).expand(-1, 1, out.size(2))
        return self.fc(out.gather(1, idx).squeeze(1))


@case(
    "The gather uses the length itself and not length - 1 as the index, so it reads the first "
    "padded step."
)
def gather_last_gru():
    n = [5, 10, 3, 8]
    return (
        GatherLast(),
        (tokens(4, 10, 33, n),),
        {"lengths": n, "target": classes(4, 3), "loss": CE()},
    )


class CellRegressor(nn.Module):
    def __init__(self, f=3, hid=9):
        super().__init__()
        self.cell = nn.LSTMCell(f, hid)
        self.hid = hid
        self.fc = nn.Linear(hid, 1)

    def forward(self, x):
        h0 = x.new_zeros(x.size(1), self.hid)
        c0 = x.new_zeros(x.size(1), self.hid)
        for t in range(x.size(0)):
            h, _c = self.cell(x[t], (h0, c0))
        return self.fc(h)


@case(
    "Every step of the LSTMCell loop starts from the zero state (h0, c0), so only the last "
    "step counts."
)
def cell_regressor():
    return (
        CellRegressor(),
        (floats(5, 8, 3, time_first=True),),
        {"target": torch.randn(5, 1), "loss": nn.MSELoss(), "batch_first": False},
    )


class ActivityLSTM(nn.Module):
    def __init__(self, f=6, hid=10, n=4):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, batch_first=True)
        self.fc = nn.Linear(hid, n)
        self.hid, self.hidden = hid, None

    def init_hidden(self, b):
        return torch.zeros(1, b, self.hid), torch.zeros(1, b, self.hid)

    def forward(self, x):
        if self.hidden is None or self.hidden[0].size(1) != x.size(0):
            self.hidden = self.init_hidden(x.size(0))
        out, (h, c) = self.lstm(x, self.hidden)
        self.hidden = (h.detach(), c.detach())
        return self.fc(out[:, -1])


@case(
    "The state of the last batch is kept and used as the start for the next batch of "
    "unrelated examples."
)
def activity_lstm():
    return ActivityLSTM(), (floats(6, 12, 6),), {"target": classes(6, 4), "loss": CE()}


class PriceGRU(nn.Module):
    def __init__(self, f=5, hid=10, layers=2):
        super().__init__()
        self.layers, self.hid = layers, hid
        self.gru = nn.GRU(f, hid, layers, batch_first=True)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x):
        h0 = torch.randn(self.layers, x.size(0), self.hid, device=x.device)
        out, _ = self.gru(x, h0)
        return self.fc(out[:, -1])


@case("The initial hidden state is drawn with randn at every call, also in evaluation.")
def price_gru():
    return PriceGRU(), (floats(7, 10, 5),), {"target": torch.randn(7, 1), "loss": nn.MSELoss()}


class DropoutLSTM(nn.Module):
    def __init__(self, vocab=26, e=8, hid=11, n=5):
        super().__init__()
        self.emb = nn.Embedding(vocab, e)
        self.lstm = nn.LSTM(e, hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x):
        e = self.emb(x)
        _, (h, _) = self.lstm(e)
        return self.fc(F.dropout(h[-1], p=0.4))


@case("F.dropout is called without training=self.training, so it stays on in eval mode.")
def dropout_lstm():
    return (
        DropoutLSTM(),
        (tokens(5, 9, 26, time_first=True),),
        {"target": classes(5, 5), "loss": CE(), "batch_first": False},
    )


class TemporalAttention(nn.Module):
    def __init__(self, f=4, hid=10, n=3):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, 2, batch_first=True)
        self.w = nn.Parameter(torch.randn(hid) * 0.3)
        self.fc = nn.Linear(hid, n)

    def forward(self, x):
        states, _ = self.lstm(x)
        score = torch.tanh(states) @ self.w
        alpha = F.softmax(score, dim=0).unsqueeze(-1)
        return self.fc(torch.tanh((states * alpha).sum(1)))


@case(
    "The attention softmax of the (batch, steps) scores is over dim 0, the batch, and not "
    "over the steps."
)
def temporal_attention():
    return TemporalAttention(), (floats(6, 11, 4),), {"target": classes(6, 3), "loss": CE()}


class EncDecForecaster(nn.Module):
    def __init__(self, f=2, hid=10, horizon=4):
        super().__init__()
        self.horizon = horizon
        self.encoder = nn.LSTM(f, hid, batch_first=True)
        self.decoder = nn.LSTMCell(f, hid)
        self.fc = nn.Linear(hid, f)

    def forward(self, x):
        _, (h, c) = self.encoder(x)
        h, c = h[0].detach(), c[0].detach()
        y, preds = x[:, -1], []
        for _ in range(self.horizon):
            h, c = self.decoder(y, (h, c))
            y = self.fc(h)
            preds.append(y)
        return torch.stack(preds, dim=1)


@case(
    "The encoder's final state is detached before the decoder, so the encoder never gets a "
    "gradient."
)
def encdec_forecaster():
    return (
        EncDecForecaster(),
        (floats(5, 9, 2),),
        {"target": torch.randn(5, 4, 2), "loss": nn.MSELoss()},
    )


class PlainStack(nn.Module):
    def __init__(self, f=5, sizes=(12, 8), n=3):
        super().__init__()
        dims = [f, *sizes]
        self.rnns = [nn.GRU(i, o, batch_first=True) for i, o in itertools.pairwise(dims)]
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(sizes[-1], n)

    def forward(self, x):
        for rnn in self.rnns:
            x, _ = rnn(x)
            x = self.drop(x)
        return self.fc(x[:, -1])


@case(
    "The GRU layers sit in a plain Python list, so they are not registered and never trained, "
    "moved or saved."
)
def gru_stack_list():
    return PlainStack(), (floats(6, 8, 5),), {"target": classes(6, 3), "loss": CE()}


class Translator(nn.Module):
    def __init__(self, sv=30, tv=24, d=11):
        super().__init__()
        self.se, self.te = nn.Embedding(sv, d), nn.Embedding(tv, d)
        self.enc = nn.GRU(d, d, num_layers=2, batch_first=True)
        self.dec = nn.GRU(d, d, num_layers=2, batch_first=True)
        self.out = nn.Linear(d, tv)

    def forward(self, src, tgt):
        _, h = self.enc(self.se(src))
        dec, _ = self.dec(self.te(tgt), h)
        return self.out(dec).transpose(1, 2)


@case(
    "The decoder is fed the same unshifted target that it is trained to produce, so it can "
    "copy its input at each step."
)
def translator():
    tgt = tokens(5, 7, 24)
    return Translator(), (tokens(5, 10, 30), tgt), {"target": tgt, "loss": CE()}


class PoetryLM(nn.Module):
    def __init__(self, vocab=28, e=9, hid=10):
        super().__init__()
        self.embeddings = nn.Embedding(vocab, e)
        self.lstm = nn.LSTM(e, hid, num_layers=2, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * hid, vocab)

    def forward(self, x):
        out, _ = self.lstm(self.embeddings(x))
        return self.linear(out).permute(0, 2, 1)


@case(
    "A next-token language model is bidirectional, so the backward direction sees the tokens "
    "to be predicted."
)
def poetry_lm():
    t = tokens(6, 12, 28)
    return PoetryLM(), (t[:, :-1],), {"target": t[:, 1:], "loss": CE()}


class ChatSeq2Seq(nn.Module):
    def __init__(self, vocab=31, d=10):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.encoder = nn.LSTM(d, d)
        self.decoder = nn.LSTM(d, d)
        self.out = nn.Linear(d, vocab)

    def forward(self, src, tgt_in):
        _, (hidden, cell) = self.encoder(self.emb(src))
        dec, _ = self.decoder(self.emb(tgt_in), (cell, hidden))
        return self.out(dec).flatten(0, 1)


@case("The encoder's h and c are swapped when they are handed to the decoder as (cell, hidden).")
def chat_seq2seq():
    src, tgt = tokens(5, 9, 31, time_first=True), tokens(5, 8, 31, time_first=True, sos=True)
    return (
        ChatSeq2Seq(),
        (src, tgt[:-1]),
        {"target": tgt[1:].reshape(-1), "loss": CE(), "batch_first": False},
    )


class Summarizer(nn.Module):
    def __init__(self, vocab=34, d=9):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.enc = nn.LSTM(d, d, num_layers=2, dropout=0.1, batch_first=True)
        self.dec = nn.LSTM(d, d, batch_first=True)
        self.proj = nn.Linear(d, vocab)

    def forward(self, src, tgt):
        _, (h, c) = self.enc(self.emb(src))
        state = (h[:1].contiguous(), c[:1].contiguous())
        out, _ = self.dec(self.emb(tgt[:, :-1]), state)
        return self.proj(out).transpose(1, 2)


@case(
    "The one-layer decoder starts from the encoder's bottom layer (h[:1]) and not from its "
    "top layer."
)
def summarizer():
    tgt = tokens(4, 7, 34, sos=True)
    return Summarizer(), (tokens(4, 12, 34), tgt), {"target": tgt[:, 1:], "loss": CE()}


class StockLSTM(nn.Module):
    def __init__(self, window=12, hid=14):
        super().__init__()
        self.lstm = nn.LSTM(window, hid, num_layers=2, batch_first=True)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x):
        x = x.view(x.size(0), 1, -1)
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


@case(
    "The whole window is reshaped to one time step with 12 features, so the LSTM has no "
    "recurrence over time."
)
def stock_lstm():
    return StockLSTM(), (floats(8, 12, 1),), {"target": torch.randn(8, 1), "loss": nn.MSELoss()}


class IntentLSTM(nn.Module):
    def __init__(self, vocab=29, e=8, hid=9, n=5):
        super().__init__()
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.rnn = nn.LSTM(e, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, n)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x, lengths):
        p = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(p)
        return self.softmax(self.fc(torch.cat((h[-2], h[-1]), dim=1)))


@case("Softmax is applied before CrossEntropyLoss, which applies log_softmax itself.")
def intent_lstm():
    n = [4, 9, 6, 7, 3]
    return (
        IntentLSTM(),
        (tokens(5, 9, 29, n), torch.tensor(n)),
        {"lengths": n, "target": classes(5, 5), "loss": CE()},
    )


class TemperatureRNN(nn.Module):
    def __init__(self, f=3, hid=8):
        super().__init__()
        self.rnn = nn.RNN(f, hid, batch_first=True)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.fc(h[-1])


@case("The answer is (B, 1) and the target (B,), so MSELoss broadcasts both to (B, B).")
def temperature_rnn():
    return TemperatureRNN(), (floats(6, 10, 3),), {"target": torch.randn(6), "loss": nn.MSELoss()}


class GestureLSTM(nn.Module):
    def __init__(self, f=6, hid=10, n=4):
        super().__init__()
        self.lstm = nn.LSTM(f, hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x):
        x = x.view(x.size(1), x.size(0), -1)
        out, _ = self.lstm(x)
        return self.fc(out[-1])


@case(
    "The (batch, steps, features) input becomes (steps, batch, features) with view, which "
    "mixes examples and steps; it needs a transpose."
)
def gesture_lstm():
    return GestureLSTM(), (floats(5, 8, 6),), {"target": classes(5, 4), "loss": CE()}


class DeepBiLSTM(nn.Module):
    def __init__(self, f=4, hid=8, n=3):
        super().__init__()
        self.lstm = nn.LSTM(f, hid, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2)
        self.norm = nn.LayerNorm(2 * hid)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        h = torch.cat([h_n[0], h_n[1]], dim=-1)
        return self.fc(self.norm(h))


@case(
    "h_n[0] and h_n[1] are the two directions of the first layer; the top layer is h_n[-2] "
    "and h_n[-1]."
)
def deep_bilstm():
    return DeepBiLSTM(), (floats(5, 9, 4),), {"target": classes(5, 3), "loss": CE()}


class GRUWithMHA(nn.Module):
    def __init__(self, f=5, hid=12, n=3):
        super().__init__()
        self.gru = nn.GRU(f, hid, batch_first=True)
        self.attn = nn.MultiheadAttention(hid, num_heads=2)
        self.norm = nn.LayerNorm(hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x):
        h, _ = self.gru(x)
        a, _ = self.attn(h, h, h)
        return self.fc(self.norm(h + a).mean(dim=1))


@case(
    "MultiheadAttention lacks batch_first=True, so each step attends over the examples of the "
    "batch."
)
def gru_with_mha():
    return GRUWithMHA(), (floats(6, 10, 5),), {"target": classes(6, 3), "loss": CE()}


class NERTagger(nn.Module):
    def __init__(self, vocab=37, e=9, hid=8, n=5):
        super().__init__()
        self.n = n
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.lstm = nn.LSTM(e, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids, lengths):
        p = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(p)[0], total_length=ids.size(1))
        return self.fc(out).view(-1, self.n)


@case(
    "pad_packed_sequence lacks batch_first=True, so the flattened logits are time-major while "
    "the flattened tags are batch-major."
)
def ner_tagger():
    n = [6, 9, 4, 7, 8]
    return (
        NERTagger(),
        (tokens(5, 9, 37, n), torch.tensor(n)),
        {"lengths": n, "target": tags(5, 9, 5, n).view(-1), "loss": CE(ignore_index=-100)},
    )


class QuoraPair(nn.Module):
    def __init__(self, vocab=33, e=8, hid=9):
        super().__init__()
        self.emb = nn.Embedding(vocab, e)
        self.gru = nn.GRU(e, hid, batch_first=True)
        self.fc = nn.Linear(4 * hid, 1)

    def forward(self, q1, q2):
        _, hidden = self.gru(self.emb(q1))
        a = hidden[-1]
        _, hidden = self.gru(self.emb(q2), hidden)
        b = hidden[-1]
        return self.fc(torch.cat([a, b, (a - b).abs(), a * b], dim=1)).squeeze(1)


@case(
    "In the Siamese encoder the second question starts from the final state of the first, so "
    "it is not encoded on its own."
)
def quora_pair():
    return (
        QuoraPair(),
        (tokens(6, 8, 33), tokens(6, 8, 33)),
        {"target": torch.tensor([0.0, 1, 1, 0, 0, 1]), "loss": nn.BCEWithLogitsLoss()},
    )


class LoopedLSTM(nn.Module):
    def __init__(self, f=4, hid=9, depth=3):
        super().__init__()
        self.inp = nn.Linear(f, hid)
        self.layers = nn.ModuleList([nn.LSTM(hid, hid, batch_first=True) for _ in range(depth)])
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(hid, 2)

    def forward(self, x):
        x = torch.relu(self.inp(x))
        for layer in self.layers:
            out, _ = layer(x)
            out = self.drop(out)
        return self.head(out[:, -1])


@case(
    "Each layer in the loop reads the input x and not the previous layer's output, so all but "
    "the last layer are dropped."
)
def looped_lstm():
    return LoopedLSTM(), (floats(5, 10, 4),), {"target": classes(5, 2), "loss": CE()}


class WalkGRU(nn.Module):
    def __init__(self, f=3, hid=10, n=4):
        super().__init__()
        self.inp = nn.Linear(f, 8)
        self.cell = nn.GRUCell(8, hid)
        self.fc = nn.Linear(hid, n)

    def forward(self, x):
        h = x.new_zeros(x.size(0), self.cell.hidden_size)
        for t in range(x.size(1)):
            h = self.cell(F.relu(self.inp(x[:, t])), h.detach())
        return self.fc(h)


@case(
    "The hidden state is detached at every step of the loop, so no gradient flows back "
    "through time."
)
def walk_grucell():
    return WalkGRU(), (floats(5, 12, 3),), {"target": classes(5, 4), "loss": CE()}


class DemandNet(nn.Module):
    def __init__(self, f=3, s=4, hid=10):
        super().__init__()
        self.static = nn.Linear(s, 5)
        self.lstm = nn.LSTM(f + 5, hid, batch_first=True)
        self.fc = nn.Linear(hid, 3)

    def forward(self, seq, static):
        b, t, _ = seq.shape
        s = F.relu(self.static(static)).repeat(t, 1).view(b, t, -1)
        out, _ = self.lstm(torch.cat([seq, s], dim=-1))
        return self.fc(out[:, -1])


@case(
    "static.repeat(t, 1).view(b, t, -1) spreads the static features of other examples over "
    "the steps of each example."
)
def demand_net():
    return (
        DemandNet(),
        (floats(6, 9, 3), torch.randn(6, 4)),
        {"target": torch.randn(6, 3), "loss": nn.MSELoss()},
    )


class POSGRU(nn.Module):
    """Runs the output layer on the valid steps only."""

    def __init__(self, vocab=38, e=9, hid=10, n=6):
        super().__init__()
        self.n = n
        self.emb = nn.Embedding(vocab, e, padding_idx=PAD)
        self.gru = nn.GRU(e, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, n)

    def forward(self, ids):
        mask = ids != PAD
        p = pack_padded_sequence(
            self.emb(ids), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        packed, _ = self.gru(p)
        logits = packed.data.new_zeros(*ids.shape, self.n)
        logits[mask] = self.fc(packed.data)
        return logits.transpose(1, 2)


@case(
    "The packed data (sorted and time-major) is written back with a batch-major mask, so "
    "logits land on other tokens and examples."
)
def pos_gru():
    n = [7, 4, 10, 6]
    return (
        POSGRU(),
        (tokens(4, 10, 38, n),),
        {"lengths": n, "target": tags(4, 10, 6, n), "loss": CE(ignore_index=-100)},
    )
