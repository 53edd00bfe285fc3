"""What the pages say about taking back, keys of one's own, and enrolling oneself. See ``console.words``."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # Before
    "back.title": ("Take back: {who}", "Reprendre : {who}"),
    "back.title.all": ("Take everything back", "Tout reprendre"),
    "back.title.erase": ("Erase @{who}", "Effacer @{who}"),
    "back.lead": (
        "Nothing has happened yet. This is what one press of the button below does, at once.",
        "Rien n'est encore fait. Voici ce que fait, tout de suite, le bouton ci-dessous.",
    ),
    "back.nothing": ("No clip rests on it: nothing is withdrawn.", "Aucune vidéo n'en dépend : rien n'est retiré."),
    "back.goes": ("What goes", "Ce qui disparaît"),
    "back.makers": ("Who is told", "Qui est prévenu"),
    "back.makers.means": (
        "They made clips that go. They learn how many, and that consent was taken back.",
        "Ces personnes ont fait des vidéos qui disparaissent. Elles apprennent combien, et que le consentement est repris.",
    ),
    "back.stays": ("What stays, and why", "Ce qui reste, et pourquoi"),
    "back.own": (
        "Clips that you made of yourself rest on no grant and stay. Erasing takes them too.",
        "Les vidéos que vous avez faites de vous-même ne reposent sur aucun accord et restent. L'effacement les retire aussi.",
    ),
    "back.final": (
        "It cannot be undone. Whoever is to be let in again gets a new grant; clips do not come back.",
        "C'est sans retour. Pour autoriser de nouveau, il faut un nouvel accord ; les vidéos ne reviennent pas.",
    ),
    "back.send": ("Take it back now", "Reprendre maintenant"),
    "back.send.all": ("Take everything back now", "Tout reprendre maintenant"),
    "back.send.erase": ("Erase for good", "Effacer pour toujours"),
    "back.confirm": ("To confirm, type {who}", "Pour confirmer, écrivez {who}"),
    "back.cancel": ("Leave everything as it is", "Tout laisser en l'état"),
    "back.pause": (
        "If you only want it to stop for a while, pause instead: nothing is lost.",
        "Pour arrêter un moment seulement, faites une pause : rien n'est perdu.",
    ),
    # Numbers
    "count.grants": ("Grants ended", "Accords terminés"),
    "count.clips": ("Clips withdrawn", "Vidéos retirées"),
    "count.direct": ("of these, made of you directly", "dont faites directement de vous"),
    "count.remixes": ("of these, made from such clips (remixes)", "dont tirées de ces vidéos (remix)"),
    "count.by_others": ("of these, made by others", "dont faites par d'autres"),
    "count.drafts": ("Finished drafts refused", "Ébauches finies refusées"),
    "count.generations": ("Clips being made, stopped", "Vidéos en cours, arrêtées"),
    "count.permits": ("Unused permits voided", "Permis non utilisés, annulés"),
    "count.approvals": ("Approvals taken back", "Approbations reprises"),
    "count.templates": ("Face templates", "Gabarits de visage"),
    "count.voice_templates": ("Voice templates", "Gabarits de voix"),
    "count.portraits": ("Portraits", "Portraits"),
    "count.keys": ("Keys kept for you", "Clés gardées pour vous"),
    "count.sightings": ("Where you were seen and heard in clips", "Où l'on vous voit ou entend dans des vidéos"),
    "count.credentials": ("Keys of your own", "Vos propres clés"),
    "count.challenges": ("Enrolment challenges", "Épreuves d'inscription"),
    "count.notices": ("Notices", "Avis"),
    "count.acquaintances": ("Approvals and requests", "Approbations et demandes"),
    "count.faces_in_clips": ("Faces like yours in clips", "Visages comme le vôtre dans des vidéos"),
    # After
    "done.title": ("Taken back", "Repris"),
    "done.title.erasure": ("Erased", "Effacé"),
    "done.title.other": ("Withdrawn", "Retiré"),
    "done.lead": (
        "It is done, since {when}. Nothing that rested on it is shown any more, and nothing new can be made with it.",
        "C'est fait, depuis le {when}. Plus rien de ce qui en dépendait n'est montré, et rien de nouveau ne peut en naître.",
    ),
    "done.numbers": ("What happened", "Ce qui s'est passé"),
    "done.forgotten": ("What was deleted of you", "Ce qui a été supprimé de vous"),
    "done.nobody": ("No clip had to go.", "Aucune vidéo n'a dû disparaître."),
    "done.clips": ("Withdrawn clips", "Vidéos retirées"),
    "done.clips.more": ("… and {n} more; the receipt names all.", "… et {n} autres ; le reçu les nomme toutes."),
    "done.unsigned": (
        "It was accepted without a signature by your key: taking back never waits for one.",
        "Accepté sans signature de votre clé : reprendre n'attend jamais une signature.",
    ),
    "done.sweep": ("Files and records", "Fichiers et données"),
    "done.sweep.means": (
        "Nothing is shown any more; now the files behind it are deleted too.",
        "Plus rien n'est montré ; maintenant les fichiers sont supprimés aussi.",
    ),
    "done.sweep.kind": ("What", "Quoi"),
    "done.sweep.due": ("Due", "À faire"),
    "done.sweep.done": ("Done", "Fait"),
    "done.sweep.files": ("Files deleted", "Fichiers supprimés"),
    "done.sweep.records": ("Records deleted", "Données supprimées"),
    "done.sweep.clip": ("Clips", "Vidéos"),
    "done.sweep.draft": ("Drafts", "Ébauches"),
    "done.sweep.generation": ("Clips being made", "Vidéos en cours"),
    "done.closed": (
        "Everything that was due is done, since {when}. The closing receipt is signed.",
        "Tout est fait depuis le {when}. Le reçu final est signé.",
    ),
    "done.open": ("Still being deleted.", "Suppression en cours."),
    "done.again": ("Look again", "Regarder de nouveau"),
    "done.facts": ("For your records", "Pour vos dossiers"),
    "done.when": ("When", "Quand"),
    "done.id": ("Number", "Numéro"),
    "done.ledger": ("Place in the ledger", "Place dans le registre"),
    "done.ledger.entry": ("under the first {n} entries", "parmi les {n} premières entrées"),
    "done.ledger.proof": ("newest checkpoint", "dernier point de contrôle"),
    "done.first": ("Download the receipt", "Télécharger le reçu"),
    "done.closing": ("Download the closing receipt", "Télécharger le reçu final"),
    "done.verify": ("How to check it", "Comment le vérifier"),
    "done.verify.means": (
        "Anybody can check the receipt without us, with the public key below. Compare the key with one noted elsewhere.",
        "Chacun peut vérifier le reçu sans nous, avec la clé publique ci-dessous. Comparez-la à une copie notée ailleurs.",
    ),
    "done.raw": ("The receipt, word for word", "Le reçu, mot pour mot"),
    "done.back": ("Back to @{who}", "Retour à @{who}"),
    # Keys
    "keys.title": ("My keys", "Mes clés"),
    "keys.kept": (
        "You have no key of your own: what you allow is signed with a key that is kept for you here.",
        "Vous n'avez pas de clé à vous : vos accords sont signés avec une clé gardée ici pour vous.",
    ),
    "keys.own": (
        "What you allow is signed with one of these keys, and nobody here can sign in your place. "
        "Pausing and taking back never need one.",
        "Vos accords sont signés avec l'une de ces clés, et personne ici ne peut signer à votre place. "
        "Mettre en pause et reprendre n'en demandent jamais.",
    ),
    "keys.passkey": ("passkey", "clé d'accès"),
    "keys.software": ("key file", "fichier de clé"),
    "keys.since": ("since {when}", "depuis le {when}"),
    "keys.remove": ("Remove", "Retirer"),
    "keys.add": ("Add a passkey", "Ajouter une clé d'accès"),
    "keys.add.means": (
        "Your phone or computer makes it and asks for finger, face or PIN. From then on only it signs what you allow.",
        "Votre appareil la crée et demande doigt, visage ou code. Ensuite elle seule signe vos accords.",
    ),
    "keys.label": ("What you call it", "Le nom que vous lui donnez"),
    "keys.label.hint": ("For example: my phone.", "Par exemple : mon téléphone."),
    "keys.make": ("Make the passkey", "Créer la clé d'accès"),
    "keys.file": (
        "Prefer a key file? “clearance keys new” makes one, “clearance cameo keys add” adds it.",
        "Plutôt un fichier de clé ? «\u00a0clearance keys new\u00a0» le crée, «\u00a0clearance cameo keys add\u00a0» l'ajoute.",
    ),
    "keys.elsewhere": (
        "Browsers make passkeys for names, not for number addresses: open this page as",
        "Les navigateurs créent des clés d'accès pour des noms, pas pour des adresses en chiffres : ouvrez cette page par",
    ),
    "keys.nowhere": (
        "Browsers make passkeys only over https; the operator of this server has to set that up.",
        "Les navigateurs ne créent des clés d'accès qu'en https ; l'opérateur de ce serveur doit le mettre en place.",
    ),
    "keys.unable": (
        "This browser cannot use passkeys here; open the page in another one, or sign with a key file.",
        "Ce navigateur ne peut pas utiliser de clé d'accès ici ; essayez-en un autre, ou un fichier de clé.",
    ),
    "keys.waiting": ("Waiting for your passkey …", "En attente de votre clé d'accès …"),
    "keys.stopped": (
        "The passkey gave no answer, so nothing was done; press the button to try again.",
        "La clé d'accès n'a pas répondu, rien n'est fait ; appuyez sur le bouton pour recommencer.",
    ),
    "keys.same": (
        "This device has a passkey for you already; use that one, or another device.",
        "Cet appareil a déjà une clé d'accès pour vous ; utilisez-la, ou un autre appareil.",
    ),
    "keys.lost": ("The server gave no answer; try again in a moment.", "Le serveur n'a pas répondu ; réessayez dans un moment."),
    # Signing by hand
    "sign.title": ("Your signature is needed", "Votre signature est nécessaire"),
    "sign.lead": (
        "You sign with a key of your own, and nobody here can sign for you. Nothing has happened yet.",
        "Vous signez avec votre propre clé, et personne ici ne peut signer pour vous. Rien n'est encore fait.",
    ),
    "sign.short": ("In short", "En bref"),
    "sign.steps": ("How to sign", "Comment signer"),
    "sign.document": ("What you would sign", "Ce que vous signeriez"),
    "sign.how": (
        "With a key file: save this text as statement.json, sign it with the command below within five minutes, "
        "and paste what it prints.",
        "Avec un fichier de clé : enregistrez ce texte sous statement.json, signez-le dans les cinq minutes avec la commande "
        "ci-dessous, et collez ce qu'elle affiche.",
    ),
    "sign.passkey": (
        "With a passkey: go back, allow this page's script, and press the button again.",
        "Avec une clé d'accès : revenez en arrière, autorisez le script de la page, et appuyez de nouveau.",
    ),
    "sign.proof": ("What the command printed", "Ce que la commande a affiché"),
    "sign.send": ("Hand in the signature", "Remettre la signature"),
    # Enrolling oneself
    "enrol.title": ("Enrol yourself", "S'inscrire soi-même"),
    "enrol.lead": (
        "A short video shows that it is you, and that you are there: you say six digits and turn your head. "
        "It takes about a minute. The video is looked at and not kept.",
        "Une courte vidéo montre que c'est bien vous, présent maintenant : vous dites six chiffres et tournez la tête. "
        "Cela prend une minute. La vidéo est examinée, pas conservée.",
    ),
    "enrol.handle": ("The name you want", "Le nom que vous voulez"),
    "enrol.ready": (
        "Have light on your face and nobody else in the picture. The clock starts when you press the button.",
        "De la lumière sur le visage, personne d'autre dans l'image. Le temps part quand vous appuyez.",
    ),
    "enrol.start": ("Start", "Commencer"),
    "enrol.again": ("Ask for a new challenge", "Demander une nouvelle épreuve"),
    "enrol.say": ("Look at the camera and say twice", "Regardez la caméra et dites deux fois"),
    "enrol.turn": (
        "Then turn your head, back to the middle each time",
        "Puis tournez la tête, en revenant chaque fois au milieu",
    ),
    "enrol.left": ("to your left", "vers votre gauche"),
    "enrol.right": ("to your right", "vers votre droite"),
    "enrol.up": ("up", "vers le haut"),
    "enrol.down": ("down", "vers le bas"),
    "enrol.time": ("The recording has to be here within {n} seconds.", "L'enregistrement doit arriver d'ici {n} secondes."),
    "enrol.time.left": ("{n} seconds left.", "Encore {n} secondes."),
    "enrol.over": ("The time is over.", "Le temps est écoulé."),
    "enrol.record": ("Record here", "Enregistrer ici"),
    "enrol.record.start": ("Start the camera and record", "Démarrer la caméra et enregistrer"),
    "enrol.record.stop": ("Stop and send", "Arrêter et envoyer"),
    "enrol.recording": ("Recording.", "Enregistrement en cours."),
    "enrol.sending": ("Sending; it is looked at, which takes a moment.", "Envoi ; l'examen prend un moment."),
    "enrol.unable": (
        "The camera or microphone cannot be used; allow both for this page, or choose a file below.",
        "Caméra ou micro indisponibles ; autorisez les deux pour cette page, ou choisissez un fichier ci-dessous.",
    ),
    "enrol.picture": ("What the camera sees", "Ce que voit la caméra"),
    "enrol.file": ("Or send a video recorded elsewhere", "Ou envoyer une vidéo enregistrée ailleurs"),
    "enrol.file.hint": ("Recorded now, with sound; at most 300 MB.", "Enregistrée maintenant, avec le son ; 300 Mo au plus."),
    "enrol.file.send": ("Send this video", "Envoyer cette vidéo"),
    "people.enrol.self": ("Enrol yourself with a short video", "S'inscrire soi-même avec une courte vidéo"),
    "people.enrol.operator": ("From photographs, by the operator", "À partir de photographies, par l'opérateur"),
    "people.enrol.operator.means": (
        "Photographs do not show that the person is there. Use this to protect somebody, or for people whom you know.",
        "Des photographies ne prouvent pas la présence. Pour protéger quelqu'un, ou pour des personnes que vous connaissez.",
    ),
}
#: What receipts keep and why, word for word as they say it in English: the French.
KEPT_IN_FRENCH: dict[str, str] = {
    "the clip's hash, marks and fingerprint": "l'empreinte et les marques de la vidéo",
    "so that copies that still go round are recognised and named": "pour reconnaître et nommer les copies qui circulent encore",
    "ledger entries of what was released, withdrawn and decided": "les entrées du registre : publications, retraits, décisions",
    "proof of what was done (GDPR article 17(3)(e))": "preuve de ce qui a été fait (RGPD, article 17(3)(e))",
    "the prompt, and the verdicts on it and on the clip": "la demande, et les verdicts sur elle et sur la vidéo",
    "proof of why it was shown (GDPR article 17(3)(e))": "preuve des raisons de la publication (RGPD, article 17(3)(e))",
    "the person's templates, sealed with their key, and signed records of the grants": (
        "les gabarits de la personne, chiffrés avec sa clé, et les accords signés"
    ),
    "the person is still enrolled; erasing takes the templates too": (
        "la personne reste inscrite ; l'effacement supprime aussi les gabarits"
    ),
    "the person's id, and when they were enrolled and erased": (
        "l'identifiant de la personne, dates d'inscription et d'effacement"
    ),
    "so that records kept point at something that has no name": "pour que les traces désignent quelque chose sans nom",
    "signed grants, pauses and revocations, with the handles of those they let": (
        "accords, pauses et retraits signés, avec les noms des personnes autorisées"
    ),
    "proof that consent was given and ended (GDPR art. 7(1) and 17(3)(e))": (
        "preuve que le consentement a été donné puis repris (RGPD, art. 7(1) et 17(3)(e))"
    ),
    "public keys the person signed with, without a name or a device": (
        "les clés publiques avec lesquelles la personne a signé, sans nom ni appareil"
    ),
    "so that what they signed can still be verified (GDPR art. 7(1) and 17(3)(e))": (
        "pour que ce qui fut signé reste vérifiable (RGPD, art. 7(1) et 17(3)(e))"
    ),
    "digests of recordings shown at enrolment": "les empreintes des enregistrements montrés à l'inscription",
    "so that a recording is not sent again; they say nothing of anybody": (
        "pour qu'un enregistrement ne serve pas deux fois ; elles ne disent rien de personne"
    ),
    "who acted for the person, and on what ground": "qui a agi pour la personne, et à quel titre",
    "proof that whoever granted or revoked for them might (GDPR art. 17(3)(e))": (
        "preuve que cette personne en avait le droit (RGPD, art. 17(3)(e))"
    ),
    "notices to others about their own likeness, and what was asked for under the handle": (
        "les avis à d'autres sur leur propre image, et ce qui fut demandé sous ce nom"
    ),
    "proof of how others' likeness was used (GDPR art. 17(3)(e))": (
        "preuve de l'usage de l'image d'autrui (RGPD, art. 17(3)(e))"
    ),
    "claims filed about clips, sealed under a key of the claim": (
        "les réclamations sur des vidéos, chiffrées sous leur propre clé"
    ),
    "proof of how a claim was answered (GDPR art. 17(3)(e))": "preuve de la réponse donnée (RGPD, art. 17(3)(e))",
}
